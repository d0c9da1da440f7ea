import { Table, Tag } from "antd";
import { Link } from "react-router";
import { usePages, type Schemas } from "@/shared/api";
import { Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";

type Report = Schemas["RedemptionReport"];

/** Redemptions other systems reported that were not counted where they arrived, and what became of each. */
export function RedemptionReports() {
  const { t } = useTranslation("marketing");
  const sourceName = useSourceName();
  const can = useCan();
  const rows = usePages<Report>("/coupons/reports", {}, 200);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  if (rows.items.length === 0) return <EmptyState drawing="done" title={t("reports.noneTitle")} hint={t("reports.noneHint")} />;
  return (
    <Section flush>
      <Table<Report>
        rowKey="id"
        dataSource={rows.items}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { key: "code", title: t("redeem.code"), render: (_, row) => <code>{row.code}</code> },
          { key: "status", title: t("reports.status"), render: (_, row) => <Tag color={row.status === "forwarded" ? "default" : "warning"}>{t(`reports.states.${row.status}`, { defaultValue: t("reports.states.other") })}</Tag> },
          ...(can("customer.read") ? [{ key: "customer", title: t("issued.customer"), render: (_: unknown, row: Report) => <Link to={`/customers/${row.customer_id}`}>{t("issued.open")}</Link> }] : []),
          { key: "order", title: t("reports.order"), render: (_, row) => row.external_order_id ?? t("shared:word.missing") },
          { key: "source", title: t("reports.source"), render: (_, row) => sourceName(row.source) },
          { key: "at", title: t("reports.at"), width: 160, render: (_, row) => <Time value={row.reported_at} /> },
        ]}
      />
    </Section>
  );
}
