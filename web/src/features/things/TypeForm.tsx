import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Select, Space } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import styles from "./Things.module.css";

type Kind = Schemas["ThingTypeOut"];
type Draft = Schemas["NewThingType"];

const TYPES = ["text", "number", "bool", "date", "timestamp"] as const;
const KEY = /^[a-z][a-z0-9_]{1,39}$/;

function draftOf(kind: Kind | null): Draft {
  if (!kind) return { name: "", zh: "", en: "", fields: [], stages: [] };
  return {
    name: kind.name,
    zh: kind.label.zh,
    en: kind.label.en,
    fields: kind.fields.map((one) => ({ name: one.name, zh: one.label.zh, en: one.label.en, type: one.type as (typeof TYPES)[number] })),
    stages: kind.stages.map((one) => ({ name: one.name, zh: one.label.zh, en: one.label.en })),
  };
}

/** Rows of fields or stages; one that was kept before keeps its key, and a field its type. */
function Rows({ list, kept }: { list: "fields" | "stages"; kept: ReadonlySet<string> }) {
  const { t } = useTranslation("things");
  const form = Form.useFormInstance<Draft>();
  const typed = list === "fields";
  return (
    <Form.List name={list}>
      {(rows, { add, remove }) => (
        <section aria-label={t(list)} className={styles.rows}>
          <h3>{t(list)}</h3>
          <p className="t-faint">{t(`${list}Hint`)}</p>
          {rows.map(({ key, name }) => {
            const fixed = kept.has(String(form.getFieldValue([list, name, "name"])));
            return (
              <Space key={key} align="baseline" wrap>
                <Form.Item name={[name, "zh"]} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
                  <Input aria-label={t("zh")} placeholder={t("zh")} maxLength={60} style={{ width: 150 }} />
                </Form.Item>
                <Form.Item name={[name, "en"]} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
                  <Input aria-label={t("en")} placeholder={t("en")} maxLength={60} style={{ width: 150 }} />
                </Form.Item>
                <Form.Item name={[name, "name"]} rules={[{ required: true, pattern: KEY, message: t("keyRule") }]}>
                  <Input aria-label={t("key")} placeholder={t("key")} disabled={fixed} maxLength={40} style={{ width: 150 }} />
                </Form.Item>
                {typed ? (
                  <Form.Item name={[name, "type"]} initialValue="text">
                    <Select aria-label={t("type")} disabled={fixed} style={{ width: 110 }} options={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))} />
                  </Form.Item>
                ) : null}
                <Button type="text" icon={<DeleteOutlined />} aria-label={t("shared:action.delete")} onClick={() => remove(name)} />
              </Space>
            );
          })}
          <p>
            <Button icon={<PlusOutlined />} onClick={() => add()}>
              {t(typed ? "addField" : "addStage")}
            </Button>
          </p>
        </section>
      )}
    </Form.List>
  );
}

/** Defines a sort of things, or the one given anew. */
export function TypeForm({ kind, onDone }: { kind: Kind | null; onDone: () => void }) {
  const { t } = useTranslation("things");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const save = useMutation({
    mutationFn: ({ name, ...rest }: Draft) => (kind ? api.put(`/thing-types/${kind.name}`, rest) : api.post("/thing-types", { name, ...rest })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/thing-types"] });
      void queryClient.invalidateQueries({ queryKey: ["/catalog"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <Form<Draft> form={form} layout="vertical" initialValues={draftOf(kind)} onFinish={(values) => save.mutate(values)}>
      <Form.Item name="zh" label={t("nameZh")} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="en" label={t("nameEn")} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="name" label={t("key")} extra={t("keyHint")} rules={[{ required: true, pattern: KEY, message: t("keyRule") }]}>
        <Input maxLength={40} disabled={kind !== null} />
      </Form.Item>
      <Rows list="fields" kept={new Set(kind?.fields.map((one) => one.name))} />
      <Rows list="stages" kept={new Set(kind?.stages.map((one) => one.name))} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
