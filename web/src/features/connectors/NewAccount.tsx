import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { api, queryClient } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Loaded, useTold } from "@/shared/states";
import type { Account, Platform } from "./types";

interface Values {
  connector: string;
  name: string;
  source: string;
  simulated?: boolean;
  settings?: Record<string, string>;
}

function Keys({ platform, simulated }: { platform: Platform | undefined; simulated: boolean }) {
  const say = useSay();
  if (!platform || simulated) return null;
  return platform.settings.map((one) => (
    <Form.Item key={one.name} name={["settings", one.name]} label={say(one.label)} rules={one.required ? [{ required: true }] : []}>
      {one.secret ? <Input.Password autoComplete="off" /> : <Input autoComplete="off" />}
    </Form.Item>
  ));
}

function Fields({ platforms, onMade }: { platforms: Platform[]; onMade: (id: string) => void }) {
  const { t } = useTranslation("connectors");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const chosen = Form.useWatch("connector", form);
  const simulated = Form.useWatch("simulated", form);
  const platform = platforms.find((one) => one.name === chosen);
  const make = useMutation({
    mutationFn: (values: Values) => api.post<Account>("/connector-accounts", { ...values, simulated: Boolean(values.simulated), settings: values.settings ?? {} }),
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["/connector-accounts"] });
      onMade(made.id);
    },
    onError: told.refused(form),
  });
  return (
    <Form form={form} layout="vertical" requiredMark="optional" onFinish={(values) => make.mutate(values)}>
      <Form.Item name="connector" label={t("platform")} rules={[{ required: true }]}>
        <Select showSearch={{ optionFilterProp: "label" }} options={platforms.map((one) => ({ value: one.name, label: say(one.label) }))} />
      </Form.Item>
      <Form.Item name="name" label={t("name")} rules={[{ required: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="source" label={t("source")} extra={t("sourceHint")} rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, message: t("sourceHint") }]}>
        <Input maxLength={64} />
      </Form.Item>
      {platform?.simulated ? (
        <Form.Item name="simulated" valuePropName="checked" extra={t("simulatedHint")}>
          <Checkbox>{t("useSimulator")}</Checkbox>
        </Form.Item>
      ) : null}
      <Keys platform={platform} simulated={Boolean(simulated)} />
      <Button type="primary" htmlType="submit" loading={make.isPending}>
        {t("next")}
      </Button>
    </Form>
  );
}

/** First step: which platform, and its keys. */
export function NewAccount({ onMade }: { onMade: (id: string) => void }) {
  const query = useQuery({ queryKey: ["/connectors"], queryFn: ({ signal }) => api.get<{ platforms: Platform[] }>("/connectors", undefined, signal) });
  return <Loaded query={query}>{(data) => <Fields platforms={data.platforms} onMade={onMade} />}</Loaded>;
}
