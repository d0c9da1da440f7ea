import { useMemo } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Conflict } from "./types";

/** Changes that were set back because the other side's word holds, newest first. */
export function Conflicts() {
  const { t } = useTranslation("tagsync");
  const rows = usePages<Conflict>("/tag-conflicts");
  const columns = useMemo<Column<Conflict>[]>(
    () => [
      { key: "at", title: t("conflict.at"), width: 170, render: (row) => <Time value={row.at} /> },
      { key: "customer", title: t("conflict.customer"), width: 130, render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer_name ?? t("conflict.open")}</Link> },
      { key: "tag", title: t("conflict.tag"), width: 200, render: (row) => `${row.group} / ${row.tag}` },
      { key: "adviser", title: t("conflict.adviser"), width: 130, render: (row) => row.adviser },
      { key: "what", title: t("conflict.what"), render: (row) => t(`conflict.${row.kept}_${row.had ? "had" : "not"}`) },
    ],
    [t],
  );
  return <DataTable label={t("conflicts")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("conflict.emptyTitle")} hint={t("conflict.emptyHint")} />} />;
}
