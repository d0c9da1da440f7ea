import { useMemo } from "react";
import { usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Work as Row } from "./types";

/** How advisers worked in the last 30 days, as WeCom counts it. */
export function Work() {
  const { t } = useTranslation("handover");
  const rows = usePages<Row>("/adviser-work", { days: 30 }, 1000);
  const columns = useMemo<Column<Row>[]>(
    () => [
      { key: "name", title: t("adviser"), render: (row) => row.name },
      ...(["applied", "added", "chats", "messages"] as const).map((key): Column<Row> => ({ key, title: t(`worked.${key}`), width: 116, align: "right", render: (row) => <Num value={row[key]} /> })),
      { key: "replied", title: t("worked.replied"), width: 116, align: "right", render: (row) => (row.replied === null ? "—" : `${Number(row.replied)}%`) },
      { key: "minutes", title: t("worked.minutes"), width: 140, align: "right", render: (row) => (row.reply_minutes === null ? "—" : t("worked.min", { n: Number(row.reply_minutes) })) },
      { key: "removed", title: t("worked.removedBy"), width: 130, align: "right", render: (row) => <Num value={row.removed_by} /> },
    ],
    [t],
  );
  return <DataTable label={t("work")} rows={rows} columns={columns} rowKey={(row) => `${row.account_id}-${row.member}`} empty={<EmptyState title={t("worked.none")} hint={t("worked.noneHint")} />} />;
}
