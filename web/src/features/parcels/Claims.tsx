import { Tag } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Batch, Claim } from "./types";

/** Who came by a batch's cards, and whether she is taken for the buyer. */
export function Claims({ batch }: { batch: Batch }) {
  const { t } = useTranslation("parcels");
  const rows = usePages<Claim>(`/parcel-batches/${batch.id}/claims`);
  const columns: Column<Claim>[] = [
    { key: "who", title: t("claim.customer"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer ?? t("claim.somebody")}</Link> },
    { key: "card", title: t("claim.card"), width: 150, render: (row) => row.number ?? (row.serial ? `No. ${row.serial}` : "—") },
    { key: "adviser", title: t("claim.adviser"), width: 110, render: (row) => row.adviser ?? "—" },
    { key: "verdict", title: t("claim.verdict"), width: 120, render: (row) => <Tag color={row.verdict === "counted" ? "green" : "default"}>{t(`verdict.${row.verdict}`)}</Tag> },
    {
      key: "binding",
      title: t("claim.binding"),
      width: 210,
      render: (row) => (
        <>
          {t(`bound.${row.binding}`)}
          {row.guards.length > 0 ? <small className="t-faint"> · {row.guards.map((one) => t(`guard.${one}`)).join(" · ")}</small> : null}
        </>
      ),
    },
    { key: "at", title: t("claim.at"), width: 150, render: (row) => <Time value={row.claimed_at} /> },
  ];
  return <DataTable label={t("claim.title")} rows={rows} columns={columns} rowKey={(row) => row.id} minWidth={820} empty={<EmptyState compact title={t("claim.none")} />} />;
}
