import { Drawer } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Money, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ExportButton } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Convert, Filters, Step } from "./funnel";

/** The people behind a figure. */
export function PeopleDrawer({ filters, source, name, step, onClose }: { filters: Filters; source: string; name: string; step: Step; onClose: () => void }) {
  const { t } = useTranslation("conversion");
  const rows = usePages<Convert>("/conversion/people", { ...filters, key: source, step });
  const columns = useMemo<Column<Convert>[]>(
    () => [
      { key: "customer", title: t("customer"), width: 130, render: ({ customer }) => <Link to={`/customers/${customer.id}`}>{customer.name ?? customer.phone ?? customer.member_no ?? customer.id.slice(-8)}</Link> },
      { key: "store", title: t("store"), render: ({ customer }) => customer.store?.name ?? "—" },
      { key: "at", title: t("at"), width: 150, render: (row) => <Time value={row.at} /> },
      { key: "orders", title: t("orders"), width: 100, align: "right", render: (row) => <Num value={row.orders} /> },
      { key: "spent", title: t("spent"), width: 120, align: "right", render: (row) => <Money value={row.revenue} waiting={row.waiting} /> },
    ],
    [t],
  );
  const title = t("people", { source: name, step: t(step) });
  return (
    <Drawer open onClose={onClose} size={800} title={title} extra={source ? <ExportButton list="conversion" filters={{ ...filters, key: source, step }} /> : null}>
      <DataTable label={title} rows={rows} columns={columns} rowKey={(row) => row.customer.id} empty={<EmptyState title={t("noPeople")} />} />
    </Drawer>
  );
}
