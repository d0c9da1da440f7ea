import { useMutation } from "@tanstack/react-query";
import { App, Button, Space, Tag, Tooltip } from "antd";
import { useMemo } from "react";
import { api, queryClient } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";
import type { Material, Script } from "./types";

export type Path = "/materials" | "/talk-scripts";

export function refresh(path: string): void {
  void queryClient.invalidateQueries({ queryKey: [path] });
}

/** Approve what was written, or put it away. */
function useRuling(path: Path) {
  const { t } = useTranslation("desk");
  const { modal } = App.useApp();
  const told = useTold();
  const approve = useMutation({ mutationFn: (row: Material | Script) => api.post(`${path}/${row.id}/approve`, { seen: row.updated_at }), onSuccess: () => refresh(path), onError: told.failed });
  const archive = useMutation({ mutationFn: (id: string) => api.delete(`${path}/${id}`), onSuccess: () => refresh(path), onError: told.failed });
  const ask = (id: string, name: string) =>
    modal.confirm({ title: t("materials.archiveTitle", { name }), content: path === "/materials" ? t("materials.archiveHint") : null, okText: t("materials.archive"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => archive.mutateAsync(id) });
  return { approve, ask };
}

function useDoing<Row extends Material | Script>(path: Path, nameOf: (row: Row) => string): Column<Row> {
  const { t } = useTranslation("desk");
  const can = useCan();
  const { approve, ask } = useRuling(path);
  return {
    key: "do",
    title: <span className="t-hidden">{t("shared:action.actions")}</span>,
    width: 190,
    align: "right",
    render: (row) => (
      <Space size={0}>
        {row.status === "draft" && can("material.approve") ? (
          <Tooltip title={row.own ? t("materials.ownWork") : null}>
            <Button type="link" size="small" disabled={row.own} onClick={() => approve.mutate(row)}>
              {t("materials.approve")}
            </Button>
          </Tooltip>
        ) : null}
        {can("material.write") ? (
          <Button type="text" size="small" onClick={() => ask(row.id, nameOf(row))}>
            {t("materials.archive")}
          </Button>
        ) : null}
      </Space>
    ),
  };
}

function useLife() {
  const { t } = useTranslation("desk");
  return (status: Material["status"]) => <Tag color={status === "approved" ? "green" : "gold"}>{t(`life.${status}`)}</Tag>;
}

export function useMaterialColumns(onEdit: (row: Material) => void): Column<Material>[] {
  const { t } = useTranslation("desk");
  const life = useLife();
  const doing = useDoing<Material>("/materials", (row) => row.name);
  return useMemo(
    () => [
      { key: "name", title: t("materials.name"), render: (row) => <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row)}>{row.name}</Button> },
      { key: "kind", title: t("materials.kind"), width: 80, render: (row) => t(`kind.${row.kind}`) },
      { key: "folder", title: t("materials.folder"), width: 120, render: (row) => row.folder },
      { key: "code", title: t("materials.placeholder"), width: 200, render: (row) => <code>{`{{radar.${row.code}}}`}</code> },
      { key: "expires", title: t("materials.expires"), width: 120, render: (row) => (row.expires_on ? <Time value={row.expires_on} only="date" /> : "—") },
      { key: "status", title: t("materials.status"), width: 110, render: (row) => life(row.status) },
      doing,
    ],
    [t, life, doing, onEdit],
  );
}

export function useScriptColumns(onEdit: (row: Script) => void): Column<Script>[] {
  const { t } = useTranslation("desk");
  const life = useLife();
  const doing = useDoing<Script>("/talk-scripts", (row) => row.title);
  return useMemo(
    () => [
      { key: "title", title: t("materials.title2"), width: 180, render: (row) => <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row)}>{row.title}</Button> },
      { key: "folder", title: t("materials.folder"), width: 110, render: (row) => row.folder },
      { key: "body", title: t("materials.body"), render: (row) => row.body },
      { key: "uses", title: t("materials.uses"), width: 100, align: "right", render: (row) => <Num value={row.uses} /> },
      { key: "status", title: t("materials.status"), width: 110, render: (row) => life(row.status) },
      doing,
    ],
    [t, life, doing, onEdit],
  );
}
