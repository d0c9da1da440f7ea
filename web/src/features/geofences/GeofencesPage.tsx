import { DeleteOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { GeofenceForm } from "./GeofenceForm";

type Geofence = Schemas["GeofenceOut"];

function useRemove() {
  const { t } = useTranslation("geofences");
  const { modal } = App.useApp();
  const told = useTold();
  const remove = useMutation({
    mutationFn: (name: string) => api.delete(`/geofences/${encodeURIComponent(name)}`),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/geofences"] }),
    onError: told.failed,
  });
  return (row: Geofence) =>
    modal.confirm({
      title: t("deleteTitle", { name: row.label }),
      content: t("deleteHint"),
      okText: t("shared:action.delete"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => remove.mutateAsync(row.name),
    });
}

function useColumns(onEdit: (name: string) => void): Column<Geofence>[] {
  const { t } = useTranslation("geofences");
  const may = useCan()("segment.write");
  const remove = useRemove();
  return useMemo(
    () => [
      {
        key: "label",
        title: t("label"),
        render: (row) => (
          <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row.name)}>
            {row.label}
          </Button>
        ),
      },
      { key: "name", title: t("name"), width: 220, render: (row) => <code>{row.name}</code> },
      { key: "rings", title: t("rings"), width: 96, align: "right", render: (row) => <Num value={row.rings} /> },
      { key: "points", title: t("points"), width: 96, align: "right", render: (row) => <Num value={row.points} /> },
      { key: "updated", title: t("updated"), width: 170, render: (row) => <Time value={row.updated_at} /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 72,
        align: "right",
        render: (row) => (may ? <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`${t("shared:action.delete")} ${row.label}`} onClick={() => remove(row)} /> : null),
      },
    ],
    [t, may, remove, onEdit],
  );
}

export function GeofencesPage() {
  const { t } = useTranslation("geofences");
  const can = useCan();
  const rows = usePages<Geofence>("/geofences");
  const [editing, setEditing] = useState<{ name: string | null } | null>(null);
  const columns = useColumns((name) => setEditing({ name }));
  const create = can("segment.write") ? (
    <Button type="primary" onClick={() => setEditing({ name: null })}>
      {t("create")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.name} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={create} />} />
      <Drawer open={editing !== null} onClose={() => setEditing(null)} size={640} title={editing?.name ?? t("create")} destroyOnHidden>
        {editing === null ? null : <GeofenceForm name={editing.name} onDone={() => setEditing(null)} />}
      </Drawer>
    </ListPage>
  );
}
