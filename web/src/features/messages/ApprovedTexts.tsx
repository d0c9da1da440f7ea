import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select, Space, Tag } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import type { MessageTemplate } from "./types";
import styles from "./Messages.module.css";

type Text = Schemas["ApprovedTextOut"];

interface Values {
  code: string;
  params?: { variable: string; placeholder: string }[];
}

/** One channel's approved text: the provider's own number, and what fills each of its variables. */
function One({ template, text, path }: { template: MessageTemplate; text: Text; path: string }) {
  const { t } = useTranslation("messages");
  const say = useSay();
  const told = useTold();
  const can = useCan()("template.write");
  const [form] = Form.useForm<Values>();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: [path] });
  const done = () => (refresh(), told.done(t("approved.saved")));
  const save = useMutation({ mutationFn: (values: Values) => api.put(`${path}/${text.channel}`, { code: values.code.trim(), params: (values.params ?? []).map((one) => [one.variable.trim(), one.placeholder]) }), onSuccess: done, onError: told.refused(form) });
  const remove = useMutation({ mutationFn: () => api.delete(`${path}/${text.channel}`), onSuccess: () => (form.resetFields(), refresh()), onError: told.failed });
  const first = { code: text.code ?? "", params: text.params.map(([variable, placeholder]) => ({ variable, placeholder })) };
  return (
    <Form form={form} layout="vertical" requiredMark={false} disabled={!can} initialValues={first} onFinish={(values) => save.mutate(values)} aria-label={say(text.label)}>
      <Form.Item
        name="code"
        label={
          <Space>
            {say(text.label)}
            {text.wanted && !text.code ? <Tag color="warning">{t("approved.missing")}</Tag> : null}
          </Space>
        }
        rules={[{ required: true, whitespace: true, message: t("approved.codeNeeded") }]}
      >
        <Input maxLength={200} placeholder={t("approved.code")} />
      </Form.Item>
      <Form.List name="params">
        {(fields, { add, remove: drop }) => (
          <>
            {fields.map((field, index) => (
              <div key={field.key} className={styles.variable}>
                <Form.Item name={[field.name, "variable"]} rules={[{ required: true, whitespace: true, message: t("approved.variableNeeded") }]}>
                  <Input maxLength={200} aria-label={t("approved.variable", { number: index + 1 })} placeholder={t("approved.variable", { number: index + 1 })} />
                </Form.Item>
                <Form.Item name={[field.name, "placeholder"]} rules={[{ required: true, message: t("approved.placeholderNeeded") }]}>
                  <Select style={{ minWidth: 220 }} aria-label={t("approved.filledBy")} placeholder={t("approved.filledBy")} options={template.placeholders.map((value) => ({ value, label: value }))} />
                </Form.Item>
                <Button type="text" onClick={() => drop(field.name)}>
                  {t("shared:action.remove")}
                </Button>
              </div>
            ))}
            <Space>
              <Button size="small" disabled={!can || template.placeholders.length === 0} onClick={() => add({ variable: "", placeholder: undefined })}>
                {t("approved.add")}
              </Button>
              <Button size="small" type="primary" htmlType="submit" loading={save.isPending}>
                {t("approved.save")}
              </Button>
              {text.code ? (
                <Button size="small" danger loading={remove.isPending} onClick={() => remove.mutate()}>
                  {t("shared:action.remove")}
                </Button>
              ) : null}
            </Space>
          </>
        )}
      </Form.List>
    </Form>
  );
}

/** Providers of SMS and WeChat send only texts that they have approved: each channel's number stands here. */
export function ApprovedTexts({ template }: { template: MessageTemplate }) {
  const { t } = useTranslation("messages");
  const path = `/message-templates/${template.id}/approved-texts`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<Schemas["ApprovedTexts"]>(path, undefined, signal) });
  return (
    <div className={styles.approved}>
      <Section title={t("approved.title")}>
        <p style={{ marginBottom: 12 }}>{t("approved.lead")}</p>
        <Loaded query={query}>
          {(found) => (
            <Space orientation="vertical" size="large" style={{ width: "100%" }}>
              {found.texts.map((text) => (
                <One key={`${text.channel}-${text.code ?? ""}`} template={template} text={text} path={path} />
              ))}
            </Space>
          )}
        </Loaded>
      </Section>
    </div>
  );
}
