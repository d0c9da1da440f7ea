import { Tag } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Money, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { amount, type Entry } from "./types";

/** Why an order is hers, in a sentence: the rule and what it went by. */
export function useReason() {
  const { t } = useTranslation("ownership");
  return (entry: Entry): string => {
    const part = entry.bp !== null && entry.bp < 10000 ? ` · ${t("entry.part", { percent: entry.bp / 100 })}` : "";
    const day = entry.evidence.renewed_at ?? entry.evidence.at;
    const since = typeof day === "string" ? ` · ${t("entry.since", { day: day.slice(0, 10) })}` : "";
    return `${t(`kind.${entry.rule ?? "nobody"}`)}${since}${part}`;
  };
}

/** What an adviser earned in a month, entry by entry. */
export function Entries({ user, period }: { user: string; period: string }) {
  const { t } = useTranslation("ownership");
  const reason = useReason();
  const rows = usePages<Entry>(`/performance/${user}/entries`, { period });
  const columns: Column<Entry>[] = [
    { key: "order", title: t("entry.order"), width: 190, render: (row) => <Link to={`/orders/${row.order_id}`}>{row.number || "—"}</Link> },
    {
      key: "cause",
      title: t("entry.cause"),
      width: 170,
      render: (row) => (
        <>
          <Tag>{t(`cause.${row.cause}`)}</Tag>
          {row.late ? <Tag color="gold">{t("entry.late")}</Tag> : null}
          {row.disputed ? <Tag color="red">{t("entry.disputed")}</Tag> : null}
        </>
      ),
    },
    { key: "amount", title: t("entry.amount"), width: 130, align: "right", render: (row) => <Money value={amount(row.amount_cents, row.currency)} currency={row.currency} /> },
    { key: "why", title: t("entry.why"), render: reason },
    { key: "at", title: t("entry.at"), width: 160, render: (row) => <Time value={row.occurred_at} /> },
  ];
  return <DataTable label={t("entry.title")} rows={rows} columns={columns} rowKey={(row) => row.id} minWidth={760} empty={<EmptyState compact title={t("entry.none")} />} />;
}
