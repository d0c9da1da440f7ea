import { DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input, Radio, Tag as Chip } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { ExpressionEditor, Sentence, unfinished } from "@/shared/expression";
import { useDraft } from "@/shared/form";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Tag } from "./types";

interface TagDraft {
  name: string;
  label: string;
  kind: Tag["kind"];
  text: string;
}

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/tags"] });
}

/** The rule of a computed tag as a field of the form. */
function Rule({ value = "", onChange = () => undefined }: { value?: string; onChange?: (text: string) => void }) {
  return <ExpressionEditor compact value={value} onChange={onChange} />;
}

function TagForm({ tag, onDone }: { tag: Tag | null; onDone: () => void }) {
  const { t } = useTranslation("segments");
  const told = useTold();
  const [form] = Form.useForm<TagDraft>();
  const first: TagDraft = { name: tag?.name ?? "", label: tag?.label ?? "", kind: tag?.kind ?? "manual", text: tag?.expression ?? "" };
  const draft = useDraft(form, first);
  const save = useMutation({
    mutationFn: () => {
      const label = draft.label.trim() || draft.name;
      const rule = draft.kind === "computed" ? { text: draft.text } : {};
      return tag ? api.patch(`/tags/${encodeURIComponent(tag.name)}`, { label, ...rule }) : api.post("/tags", { name: draft.name.trim(), label, ...rule });
    },
    onSuccess: () => {
      refresh();
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.refused(form),
  });
  const ready = draft.name.trim() !== "" && (draft.kind === "manual" || (draft.text.trim() !== "" && unfinished(draft.text) === 0));
  return (
    <Form<TagDraft> form={form} name="tag" layout="vertical" initialValues={first} onFinish={() => save.mutate()}>
      <Form.Item name="name" label={t("tags.name")} required extra={draft.name ? t("tags.nameHint", { name: draft.name }) : undefined}>
        <Input maxLength={40} disabled={tag !== null} />
      </Form.Item>
      <Form.Item name="label" label={t("tags.label")}>
        <Input maxLength={60} placeholder={draft.name} />
      </Form.Item>
      {tag ? null : (
        <Form.Item name="kind" label={t("tags.kind.label")}>
          <Radio.Group aria-label={t("tags.kind.label")} optionType="button" options={(["manual", "computed"] as const).map((kind) => ({ value: kind, label: t(`tags.kind.${kind}`) }))} />
        </Form.Item>
      )}
      {draft.kind === "computed" ? (
        <Form.Item name="text" label={t("tags.expression")} required>
          <Rule />
        </Form.Item>
      ) : null}
      <Button type="primary" htmlType="submit" disabled={!ready} loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

function useRemove() {
  const { t } = useTranslation("segments");
  const { modal } = App.useApp();
  const told = useTold();
  const remove = useMutation({
    mutationFn: (name: string) => api.delete(`/tags/${encodeURIComponent(name)}`),
    onSuccess: () => {
      refresh();
      told.done(t("tags.deleted"));
    },
    onError: told.failed,
  });
  return (tag: Tag) =>
    modal.confirm({
      title: t("tags.deleteTitle", { name: tag.label }),
      content: t("tags.deleteHint"),
      okText: t("tags.delete"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => remove.mutateAsync(tag.name),
    });
}

function useTagColumns(onEdit: (tag: Tag) => void): Column<Tag>[] {
  const { t } = useTranslation("segments");
  const can = useCan();
  const remove = useRemove();
  return useMemo(
    () => [
      { key: "label", title: t("tags.label"), width: 220, render: (row) => <Link to={`/customers?tag=${encodeURIComponent(row.name)}`}>{row.label}</Link> },
      { key: "name", title: t("tags.name"), width: 200, render: (row) => <code>{row.name}</code> },
      { key: "kind", title: t("tags.kind.label"), width: 96, render: (row) => <Chip color={row.kind === "computed" ? "success" : "default"}>{t(`tags.kind.${row.kind}`)}</Chip> },
      { key: "customers", title: t("tags.customers"), width: 110, align: "right", render: (row) => <Num value={row.count} /> },
      { key: "rule", title: t("tags.rule"), render: (row) => (row.expression ? <Sentence of={{ text: row.expression, plain: row.plain ?? null }} /> : "—") },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 104,
        align: "right",
        render: (row) =>
          can("segment.write") ? (
            <>
              <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t("shared:action.edit")} ${row.label}`} onClick={() => onEdit(row)} />
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`${t("shared:action.delete")} ${row.label}`} onClick={() => remove(row)} />
            </>
          ) : null,
      },
    ],
    [t, can, remove, onEdit],
  );
}

export function TagsPage() {
  const { t } = useTranslation("segments");
  const can = useCan();
  const rows = usePages<Tag>("/tags", {}, 200);
  const [editing, setEditing] = useState<Tag | "new" | null>(null);
  const columns = useTagColumns(setEditing);
  const create = can("segment.write") ? (
    <Button type="primary" onClick={() => setEditing("new")}>
      {t("tags.create")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("tags.title")} lead={t("tags.lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("tags.title")} rows={rows} columns={columns} rowKey={(row) => row.name} empty={<EmptyState title={t("tags.emptyTitle")} hint={t("tags.emptyHint")} action={create} />} />
      <Drawer open={editing !== null} onClose={() => setEditing(null)} size={640} title={editing === "new" ? t("tags.create") : t("shared:action.edit")} destroyOnHidden>
        {editing === null ? null : <TagForm tag={editing === "new" ? null : editing} onDone={() => setEditing(null)} />}
      </Drawer>
    </ListPage>
  );
}
