import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Select, Switch, Tag } from "antd";
import { useState } from "react";
import { api, usePages, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { refresh } from "./Shelf";
import { Problem, useSaving } from "./ShelfForms";
import type { Material, Topic } from "./types";

interface Draft {
  name: string;
  groups: string[][];
  but: string[];
  questions_only: boolean;
  material_id?: string;
  active: boolean;
}

export function TopicForm({ row, onDone }: { row: Topic | null; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const may = useCan()("material.write");
  const materials = usePages<Material>("/materials", {}, 1000);
  const save = useSaving<object>("/chat-topics", row?.id, onDone);
  const needed = [{ required: true, message: t("materials.needed") }];
  const words = { mode: "tags" as const, open: false, suffix: null, tokenSeparators: [",", "，", "、"] };
  return (
    <Form<Draft> layout="vertical" requiredMark="optional" disabled={!may} initialValues={row ? { ...row, material_id: row.material_id ?? undefined } : { groups: [[], []], but: [], questions_only: false, active: true }} onFinish={(draft) => save.mutate({ ...draft, groups: draft.groups.filter((one) => one.length > 0), product: row?.product ?? "", material_id: draft.material_id ?? null })}>
      <Form.Item name="name" label={t("materials.name")} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <p className="t-faint" style={{ marginBottom: 12 }}>
        {t("materials.wordsHint")}
      </p>
      <Form.List name="groups">
        {(fields, { add }) => (
          <>
            {fields.map((field, place) => (
              <Form.Item key={field.key} name={field.name} label={t("materials.group", { n: place + 1 })}>
                <Select {...words} />
              </Form.Item>
            ))}
            <Button size="small" disabled={fields.length >= 8} onClick={() => add([])} style={{ marginBottom: 16 }}>
              {t("materials.addGroup")}
            </Button>
          </>
        )}
      </Form.List>
      <Form.Item name="but" label={t("materials.but")}>
        <Select {...words} />
      </Form.Item>
      <Form.Item name="material_id" label={t("materials.material")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={materials.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="questions_only" label={t("materials.questionsOnly")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="active" label={t("materials.active")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Problem error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** What a sentence would be taken to be about: no topic is right at the first go. */
function Try() {
  const { t } = useTranslation("desk");
  const told = useTold();
  const [text, setText] = useState("");
  const ask = useMutation({ mutationFn: () => api.post<Schemas["Recognised"]>("/chat-topics/try", { text }), onError: told.failed });
  const found = ask.data;
  const words = !found ? "" : !found.topic ? t("materials.notFound") : t("materials.found", { topic: found.topic }) + (found.material ? t("materials.answeredBy", { name: found.material }) : t("materials.noMaterial"));
  return (
    <div style={{ padding: "12px 20px 0", maxWidth: 600 }}>
      <Input.Search aria-label={t("materials.tryIt")} enterButton={t("materials.tryIt")} placeholder={t("materials.tryPlace")} maxLength={2000} value={text} loading={ask.isPending} onChange={(event) => setText(event.target.value)} onSearch={() => text.trim() && ask.mutate()} />
      <p role="status" style={{ minHeight: 22, margin: "4px 0 0" }}>
        {words}
      </p>
    </div>
  );
}

export function Topics({ onEdit }: { onEdit: (row: Topic) => void }) {
  const { t } = useTranslation("desk");
  const { modal } = App.useApp();
  const told = useTold();
  const may = useCan()("material.write");
  const rows = usePages<Topic>("/chat-topics", {}, 500);
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/chat-topics/${id}`), onSuccess: () => refresh("/chat-topics"), onError: told.failed });
  const ask = (row: Topic) => modal.confirm({ title: t("materials.removeTitle", { name: row.name }), okText: t("materials.remove"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync(row.id) });
  const columns: Column<Topic>[] = [
    { key: "name", title: t("materials.name"), width: 180, render: (row) => <><Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row)}>{row.name}</Button> {row.active ? null : <Tag>{t("materials.off")}</Tag>}</> },
    { key: "words", title: t("materials.words"), render: (row) => row.groups.map((one) => one.join(" / ")).join(" + ") },
    { key: "material", title: t("materials.material"), width: 180, render: (row) => row.material ?? "—" },
    { key: "do", title: <span className="t-hidden">{t("shared:action.actions")}</span>, width: 90, align: "right", render: (row) => (may ? <Button type="text" size="small" onClick={() => ask(row)}>{t("materials.remove")}</Button> : null) },
  ];
  return (
    <>
      <Try />
      <DataTable label={t("materials.topics")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={onEdit} empty={<EmptyState title={t("materials.none")} hint={t("materials.wordsHint")} />} />
    </>
  );
}
