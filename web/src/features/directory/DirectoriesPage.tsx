import { useMutation } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useMemo } from "react";
import { Link, useNavigate } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { MachineTimeHint, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Directory } from "./types";

export const ROOT = "/settings/people/directory";

function useBegin() {
  const navigate = useNavigate();
  const told = useTold();
  return useMutation({
    mutationFn: (row: Directory) => api.put(`/directories/${row.account_id}`, {}),
    onSuccess: (_, row) => (void queryClient.invalidateQueries({ queryKey: ["/directories"] }), navigate(`${ROOT}/${row.account_id}`)),
    onError: told.failed,
  });
}

function State({ row }: { row: Directory }) {
  const { t } = useTranslation("directory");
  const say = useSay();
  if (row.mode === null) return <Tag>{t("notUsed")}</Tag>;
  if (row.stopped_at) return <Tag color="error">{t("stoppedShort")}</Tag>;
  if (row.problem) return <Tag color="warning">{say(row.problem)}</Tag>;
  return <Tag color="success">{t(`mode.${row.mode}`)}</Tag>;
}

/** Connected accounts whose platform knows who works for the company. */
export function DirectoriesPage() {
  const { t } = useTranslation("directory");
  const say = useSay();
  const may = useCan()("user.write");
  const begin = useBegin();
  const rows = usePages<Directory>("/directories", {}, 100);
  const columns = useMemo<Column<Directory>[]>(
    () => [
      { key: "name", title: t("account"), render: (row) => (row.mode ? <Link to={`${ROOT}/${row.account_id}`}>{row.name}</Link> : row.name) },
      { key: "platform", title: t("platform"), width: 150, render: (row) => <>{say(row.label)} {row.simulated ? <Tag>{t("simulated")}</Tag> : null}</> },
      { key: "state", title: t("state"), width: 180, render: (row) => <State row={row} /> },
      { key: "members", title: t("members"), width: 90, align: "right", render: (row) => <Num value={row.members} /> },
      { key: "users", title: t("users"), width: 110, align: "right", render: (row) => <Num value={row.users} /> },
      { key: "waiting", title: t("waiting"), width: 90, align: "right", render: (row) => <Num value={row.waiting + row.held} /> },
      { key: "read", title: t("readAt"), width: 160, render: (row) => <Time value={row.read_at} clock="machine" /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 110,
        align: "right",
        render: (row) => (may && row.mode === null ? <Button size="small" loading={begin.isPending} onClick={() => begin.mutate(row)}>{t("use")}</Button> : null),
      },
    ],
    [t, say, may, begin],
  );
  return (
    <ListPage crumbs={[{ label: t("people"), to: "/settings/people" }]} title={t("title")} lead={<>{t("lead")}<MachineTimeHint /></>}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.account_id} empty={<EmptyState drawing="start" title={t("noneTitle")} hint={t("noneHint")} action={<Link to="/connectors">{t("connect")}</Link>} />} />
    </ListPage>
  );
}
