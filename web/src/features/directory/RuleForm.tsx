import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Radio, Select, Switch } from "antd";
import { api, queryClient, usePages, type Page } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Department, Role, Rule } from "./types";

interface Values {
  department?: string;
  position?: string;
  leaders_only: boolean;
  role_id?: string;
  scope: Rule["scope"];
}

/** Who is to hold which role, and how far. */
export function RuleForm({ account, onDone }: { account: string; onDone: () => void }) {
  const { t } = useTranslation("directory");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const departments = usePages<Department>(`/directories/${account}/departments`, {}, 1000);
  const roles = useQuery({ queryKey: ["/roles"], queryFn: ({ signal }) => api.get<Page<Role>>("/roles", undefined, signal) });
  const save = useMutation({
    mutationFn: (values: Values) => api.post<Rule>(`/directories/${account}/rules`, { ...values, department: values.department ?? null, position: values.position?.trim() ? values.position.trim() : null }),
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/directories") });
      told.done(t(made.gives ? "shared:state.saved" : "waitsForSecond"));
      onDone();
    },
    onError: told.refused(form),
  });
  return (
    <Form<Values> form={form} name="rule" layout="vertical" initialValues={{ leaders_only: false, scope: "unit" }} onFinish={(values) => save.mutate(values)}>
      <Form.Item name="department" label={t("department")} extra={t("departmentHint")}>
        <Select allowClear placeholder={t("everybody")} showSearch={{ optionFilterProp: "label" }} options={departments.items.map((one) => ({ value: one.department, label: one.name || one.department }))} />
      </Form.Item>
      <Form.Item name="position" label={t("position")} extra={t("positionHint")}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="leaders_only" label={t("leaders")} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="role_id" label={t("role")} required rules={[{ required: true, message: t("roleMissing") }]}>
        <Select options={(roles.data?.items ?? []).map((one) => ({ value: one.id, label: one.label ? say(one.label) : one.name }))} />
      </Form.Item>
      <Form.Item name="scope" label={t("scope")} extra={t("scopeHint")}>
        <Radio.Group options={(["unit", "own", "all"] as const).map((one) => ({ value: one, label: t(`ruleScope.${one}`) }))} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>{t("shared:action.save")}</Button>
    </Form>
  );
}
