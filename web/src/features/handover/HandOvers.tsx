import { Tag } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { HandOver } from "./types";

/** Hand-overs with how far each is, newest first. */
export function HandOvers() {
  const { t } = useTranslation("handover");
  const rows = usePages<HandOver>("/hand-overs");
  const columns = useMemo<Column<HandOver>[]>(
    () => [
      {
        key: "who",
        title: t("whoToWhom"),
        render: (row) => (
          <Link to={`/lost-friends/${row.id}`} tabIndex={-1}>
            {t("fromTo", { giver: row.giver_name, taker: row.taker_name })}
          </Link>
        ),
      },
      { key: "state", title: t("state.label"), width: 130, render: (row) => <Tag color={row.problem ? "warning" : row.state === "done" ? "success" : "processing"}>{row.problem ? t("state.waits") : t(`state.${row.state}`)}</Tag> },
      { key: "done", title: t("count.done"), width: 90, align: "right", render: (row) => <Num value={row.done} /> },
      { key: "asked", title: t("count.asked"), width: 100, align: "right", render: (row) => <Num value={row.asked} /> },
      { key: "planned", title: t("count.planned"), width: 90, align: "right", render: (row) => <Num value={row.planned} /> },
      { key: "refused", title: t("count.refused"), width: 90, align: "right", render: (row) => <Num value={row.refused} /> },
      { key: "groups", title: t("count.groups"), width: 90, align: "right", render: (row) => `${row.groups_done} / ${row.groups}` },
      { key: "at", title: t("begunAt"), width: 170, render: (row) => <Time value={row.created_at} clock="machine" /> },
    ],
    [t],
  );
  return <DataTable label={t("handOvers")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/lost-friends/${row.id}`} empty={<EmptyState title={t("noHandOversTitle")} hint={t("noHandOversHint")} />} />;
}
