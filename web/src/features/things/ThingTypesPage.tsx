import { DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Space } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { TypeForm } from "./TypeForm";

type Kind = Schemas["ThingTypeOut"];

function useRemove() {
  const { t } = useTranslation("things");
  const say = useSay();
  const { modal } = App.useApp();
  const told = useTold();
  const remove = useMutation({
    mutationFn: (name: string) => api.delete(`/thing-types/${name}`),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/thing-types"] }),
    onError: told.failed,
  });
  return (row: Kind) =>
    modal.confirm({
      title: t("deleteTitle", { name: say(row.label) }),
      content: t("deleteHint"),
      okText: t("shared:action.delete"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => remove.mutateAsync(row.name),
    });
}

function useColumns(onEdit: (row: Kind) => void): Column<Kind>[] {
  const { t } = useTranslation("things");
  const say = useSay();
  const may = useCan()("thing.define");
  const remove = useRemove();
  return useMemo(
    () => [
      { key: "label", title: t("label"), render: (row) => <Link to={`/things/${row.name}`}>{say(row.label)}</Link> },
      { key: "name", title: t("key"), width: 220, render: (row) => <code>{row.name}</code> },
      { key: "fields", title: t("fields"), width: 96, align: "right", render: (row) => <Num value={row.fields.length} /> },
      { key: "stages", title: t("stages"), render: (row) => row.stages.map((one) => say(one.label)).join(" → ") || "—" },
      { key: "updated", title: t("updated"), width: 170, render: (row) => <Time value={row.updated_at} /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 96,
        align: "right",
        render: (row) =>
          may ? (
            <Space size={0}>
              <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t("shared:action.edit")} ${say(row.label)}`} onClick={() => onEdit(row)} />
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`${t("shared:action.delete")} ${say(row.label)}`} onClick={() => remove(row)} />
            </Space>
          ) : null,
      },
    ],
    [t, say, may, remove, onEdit],
  );
}

/** The sorts of things that the company keeps beside its customers, each with its fields and stages. */
export function ThingTypesPage() {
  const { t } = useTranslation("things");
  const say = useSay();
  const can = useCan();
  const rows = usePages<Kind>("/thing-types");
  const [editing, setEditing] = useState<{ kind: Kind | null } | null>(null);
  const columns = useColumns((kind) => setEditing({ kind }));
  const define = can("thing.define") ? (
    <Button type="primary" onClick={() => setEditing({ kind: null })}>
      {t("define")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={rows.items.length > 0 ? define : null}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.name} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={define} />} />
      <Drawer open={editing !== null} onClose={() => setEditing(null)} size={760} title={editing?.kind ? say(editing.kind.label) : t("define")} destroyOnHidden>
        {editing === null ? null : <TypeForm kind={editing.kind} onDone={() => setEditing(null)} />}
      </Drawer>
    </ListPage>
  );
}
