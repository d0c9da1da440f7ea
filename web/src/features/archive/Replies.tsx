import { Select } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { minutes, type Reply } from "./types";

const DAYS = [1, 7, 30, 90];

/** How soon advisers answer, and who waits for them now. */
export function Replies() {
  const { t } = useTranslation("archive");
  const [days, setDays] = useState(7);
  const rows = usePages<Reply>("/archive/replies", { days }, 500);
  const short = (n: string) => t("reply.minutes", { n });
  const columns: Column<Reply>[] = [
    { key: "adviser", title: t("talk.adviser"), render: (row) => row.adviser },
    { key: "replies", title: t("reply.replies"), width: 120, align: "right", render: (row) => <Num value={row.replies} /> },
    { key: "median", title: t("reply.median"), width: 150, align: "right", render: (row) => minutes(row.median_seconds, short) },
    { key: "worst", title: t("reply.worst"), width: 150, align: "right", render: (row) => minutes(row.worst_seconds, short) },
    { key: "within", title: t("reply.within"), width: 130, align: "right", render: (row) => <Num value={row.within} /> },
    { key: "late", title: t("reply.late"), width: 120, align: "right", render: (row) => <Num value={row.late} /> },
    { key: "waiting", title: t("reply.waiting"), width: 130, align: "right", render: (row) => <Num value={row.waiting} /> },
    { key: "alarmed", title: t("reply.alarmed"), width: 130, align: "right", render: (row) => <Num value={row.alarmed} /> },
  ];
  return (
    <>
      <div style={{ padding: "12px 20px" }}>
        <Select aria-label={t("reply.days")} style={{ width: 160 }} value={days} onChange={setDays} options={DAYS.map((value) => ({ value, label: t("reply.lastDays", { count: value }) }))} />
      </div>
      <DataTable label={t("inspection.replies")} rows={rows} columns={columns} rowKey={(row) => row.member} empty={<EmptyState title={t("talk.none")} hint={t("talk.noneHint")} />} />
    </>
  );
}
