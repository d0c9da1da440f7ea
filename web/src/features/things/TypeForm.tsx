import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Select, Space } from "antd";
import { ApiError, api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { completed, complaints, keyOf, type Draft } from "./definition";
import styles from "./Things.module.css";

type Kind = Schemas["ThingTypeOut"];

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
                <Form.Item name={[name, "en"]}>
                  <Input aria-label={t("en")} placeholder={t("enOptional")} maxLength={60} style={{ width: 150 }} />
                </Form.Item>
                <Form.Item name={[name, "name"]} rules={[{ pattern: KEY, message: t("keyRule") }]}>
                  <Input aria-label={t("key")} placeholder={t("keyOptional")} disabled={fixed} maxLength={40} style={{ width: 150 }} />
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
  const say = useSay();
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
    onError: (error, draft) => {
      const places = error instanceof ApiError ? complaints(error.places, draft) : [];
      if (places.length === 0) told.failed(error);
      // The keys that were put in are shown with the complaint: it is about one of these.
      form.setFieldsValue(draft);
      form.setFields(places.map(({ name, what }) => ({ name: name as never, errors: [say(what)] })));
      if (places[0]) form.scrollToField(places[0].name);
    },
  });
  const filed = (values: Draft) => save.mutate({ ...values, fields: completed(values.fields ?? [], "field"), stages: completed(values.stages ?? [], "stage") });
  const named = () => {
    if (!kind && !form.getFieldValue("name")) form.setFieldValue("name", keyOf(String(form.getFieldValue("en") ?? "")));
  };
  return (
    <Form<Draft> form={form} layout="vertical" initialValues={draftOf(kind)} onFinish={filed}>
      <Form.Item name="zh" label={t("nameZh")} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="en" label={t("nameEn")} rules={[{ required: true, whitespace: true, message: t("needed") }]}>
        <Input maxLength={60} onBlur={named} />
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
