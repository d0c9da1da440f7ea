import { Table, Tag } from "antd";
import { Link } from "react-router";
import { usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";

type CustomerGroup = Schemas["CustomerGroup"];

/** The groups a customer is in, then those she left. */
export function Groups({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const rows = usePages<CustomerGroup>(`/customers/${customerId}/groups`, {}, 1000);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={4} />;
  if (rows.items.length === 0) return <EmptyState compact title={t("groups.none")} />;
  return (
    <Table<CustomerGroup>
      size="small"
      rowKey="group_id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "group", title: t("groups.group"), render: (_, row) => <Link to={`/groups/${row.group_id}`}>{row.group || t("groups.nameless")}</Link> },
        { key: "owner", title: t("groups.owner"), render: (_, row) => row.owner_name },
        { key: "code", title: t("groups.code"), render: (_, row) => row.live_code ?? "—" },
        { key: "joined", title: t("groups.joined"), render: (_, row) => <Time value={row.joined_at} /> },
        { key: "left", title: t("groups.left"), render: (_, row) => (row.left_at ? <Time value={row.left_at} /> : <Tag color="success">{t("groups.here")}</Tag>) },
      ]}
    />
  );
}
