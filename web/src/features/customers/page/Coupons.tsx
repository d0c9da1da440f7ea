import { Table, Tag } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import type { CouponLine } from "../types";

const colours: Record<string, string> = { issued: "success", redeemed: "processing" };

export function Coupons({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const rows = usePages<CouponLine>("/coupons", { customer_id: customerId }, 100);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={4} />;
  if (rows.items.length === 0) return <EmptyState compact title={t("coupons.none")} />;
  return (
    <Table<CouponLine>
      size="small"
      rowKey="id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "name", title: t("coupons.name"), render: (_, row) => <Link to={`/coupons/${row.template_id}`}>{row.template}</Link> },
        { key: "code", title: t("coupons.code"), render: (_, row) => <code>{row.code}</code> },
        { key: "state", title: t("coupons.state"), render: (_, row) => <Tag color={colours[row.status] ?? "default"}>{t(`coupons.states.${row.status}`, { defaultValue: row.status })}</Tag> },
        { key: "issued", title: t("coupons.issued"), render: (_, row) => <Time value={row.issued_at} /> },
        { key: "expires", title: t("coupons.expires"), render: (_, row) => <Time value={row.expires_at} only="date" /> },
        { key: "redeemed", title: t("coupons.redeemed"), render: (_, row) => <Time value={row.redeemed_at} /> },
      ]}
    />
  );
}
