import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Select } from "antd";
import { api, queryClient } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { keyed, sumOf, WHOLE, type Item } from "./items";
import type { ScoreForm } from "./types";

interface Draft {
  name: string;
  criteria: Partial<Item>[];
  fatal?: string[];
}

function Items() {
  const { t } = useTranslation("archive");
  const needed = [{ required: true, message: t("list.needed") }];
  return (
    <Form.List name="criteria">
      {(fields, { add, remove }) => (
        <>
          {fields.map(({ key, name }, at) => (
            <div key={key} style={{ display: "flex", gap: 8 }}>
              <Form.Item name={[name, "name"]} rules={needed} style={{ flex: 1, marginBottom: 8 }}>
                <Input aria-label={t("form.item", { at: at + 1 })} placeholder={t("form.itemName")} maxLength={60} />
              </Form.Item>
              <Form.Item name={[name, "points"]} rules={needed} style={{ width: 120, marginBottom: 8 }}>
                <InputNumber aria-label={t("form.itemPoints", { at: at + 1 })} min={1} max={WHOLE} precision={0} suffix={t("form.points")} style={{ width: "100%" }} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("form.remove", { at: at + 1 })} disabled={fields.length === 1} onClick={() => remove(name)} />
            </div>
          ))}
          <Button size="small" icon={<PlusOutlined />} disabled={fields.length >= 20} onClick={() => add({})}>
            {t("form.add")}
          </Button>
        </>
      )}
    </Form.List>
  );
}

function Editor({ form, onDone }: { form: ScoreForm; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const [fields] = Form.useForm<Draft>();
  const criteria = Form.useWatch("criteria", fields) ?? form.criteria;
  const sum = sumOf(criteria);
  const save = useMutation({
    mutationFn: (draft: Draft) => api.put("/score-form", { name: draft.name, criteria: keyed(draft.criteria), fatal: draft.fatal ?? [] }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/score-form"] });
      void queryClient.invalidateQueries({ queryKey: ["/score-samples"] });
      onDone();
    },
    onError: told.refused(fields),
  });
  return (
    <Form<Draft> form={fields} layout="vertical" requiredMark="optional" initialValues={form} onFinish={(draft) => save.mutate(draft)}>
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, whitespace: true, message: t("list.needed") }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item label={t("form.items")} required extra={<span style={sum === WHOLE ? undefined : { color: "var(--t-danger)" }}>{t("form.sum", { sum })}</span>}>
        <Items />
      </Form.Item>
      <Form.Item name="fatal" label={t("score.fatalItems")} extra={t("form.fatalHint")}>
        <Select mode="tags" open={false} suffix={null} tokenSeparators={[",", "，", "、"]} maxCount={20} />
      </Form.Item>
      <Button type="primary" htmlType="submit" disabled={sum !== WHOLE} loading={save.isPending}>
        {t("form.save")}
      </Button>
    </Form>
  );
}

function Shown({ form }: { form: ScoreForm }) {
  const { t } = useTranslation("archive");
  return (
    <>
      <h3>{form.name}</h3>
      <ul>
        {form.criteria.map((one) => (
          <li key={one.key}>{t("score.of", { name: one.name, points: one.points })}</li>
        ))}
      </ul>
      {form.fatal.length > 0 ? <p>{t("form.fatal", { faults: form.fatal.join(t("list.comma")) })}</p> : null}
    </>
  );
}

/** By what chats are scored: written by who sets the archive up, read by everybody who sees scores. */
export function FormOfScores({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("archive");
  const may = useCan()("archive.write");
  const query = useQuery({ queryKey: ["/score-form"], queryFn: ({ signal }) => api.get<ScoreForm>("/score-form", undefined, signal) });
  return (
    <Loaded query={query} rows={6}>
      {(form) => (
        <>
          <Alert
            style={{ marginBottom: 16 }}
            type="info"
            title={
              form.created_at ? (
                <>
                  {t("form.since", { name: form.created_by ?? "—" })} <Time value={form.created_at} clock="machine" />
                </>
              ) : (
                t("form.first")
              )
            }
            description={may ? t("form.changes") : null}
          />
          {may ? <Editor form={form} onDone={onDone} /> : <Shown form={form} />}
        </>
      )}
    </Loaded>
  );
}
