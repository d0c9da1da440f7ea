import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, usePages, type Page } from "@/shared/api";
import { FilterBar, useUrlFilters, type FilterField } from "@/shared/filters";
import { dayEnd, dayStart, Money, Num, Time, useChannelName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ExportButton, ListPage } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, useColumns, type Column } from "@/shared/table";
import { StatusTag } from "./StatusTag";
import { STATUSES, type OrderLine } from "./types";

const KEYS = ["q", "status", "store_id", "from", "to"] as const;

function useFields(): FilterField[] {
  const { t } = useTranslation("orders");
  const stores = useQuery({ queryKey: ["/stores", "choices"], queryFn: ({ signal }) => api.get<Page<{ id: string; name: string }>>("/stores", undefined, signal), staleTime: 60_000 });
  return [
    { key: "status", label: t("filter.status"), kind: "choice", choices: STATUSES.map((status) => ({ value: status, label: t(`status.${status}`) })) },
    { key: "store_id", label: t("filter.store_id"), kind: "choice", choices: (stores.data?.items ?? []).map((store) => ({ value: store.id, label: store.name })) },
    { key: "from", label: t("filter.from"), kind: "date" },
    { key: "to", label: t("filter.to"), kind: "date" },
  ];
}

function useOrderColumns(): Column<OrderLine>[] {
  const { t } = useTranslation("orders");
  const channelName = useChannelName();
  return useMemo(
    () => [
      {
        key: "number",
        title: t("column.number"),
        render: (row) => (
          <Link to={`/orders/${row.id}`} tabIndex={-1} className="t-num">
            {row.external_id}
          </Link>
        ),
      },
      { key: "status", title: t("column.status"), width: 104, render: (row) => <StatusTag status={row.status} /> },
      { key: "store", title: t("column.store"), width: 170, render: (row) => row.store ?? "—" },
      { key: "placed", title: t("column.placed"), width: 156, render: (row) => <Time value={row.placed_at} /> },
      { key: "paid", title: t("column.paid"), width: 156, render: (row) => <Time value={row.paid_at} /> },
      { key: "channel", title: t("column.channel"), width: 110, render: (row) => channelName(row.sales_channel) },
      { key: "lines", title: t("column.lines"), width: 80, align: "right", render: (row) => <Num value={row.line_count} /> },
      { key: "total", title: t("column.total"), width: 120, align: "right", render: (row) => <Money value={row.total} /> },
      { key: "refunded", title: t("column.refunded"), width: 110, align: "right", render: (row) => <Money value={row.refunded_total} /> },
    ],
    [t, channelName],
  );
}

export function OrderListPage() {
  const { t } = useTranslation("orders");
  const { zone } = useMe().tenant;
  const filters = useUrlFilters(KEYS);
  const fields = useFields();
  const { from, to, ...rest } = filters.values;
  const rows = usePages<OrderLine>("/orders", { ...rest, from: from ? dayStart(from, zone) : null, to: to ? dayEnd(to, zone) : null });
  const { visible, chooser } = useColumns("orders", useOrderColumns(), ["channel"]);
  return (
    <ListPage
      title={t("title")}
      lead={<>{t("lead")} <Link to="/stock">{t("stock")}</Link></>}
      filters={<FilterBar fields={fields} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("search")} />}
      tools={
        <>
          {rows.items.length > 0 ? <ExportButton list="orders" filters={filters.values} /> : null}
          {chooser}
        </>
      }
    >
      <DataTable
        label={t("title")}
        rows={rows}
        columns={visible}
        rowKey={(row) => row.id}
        to={(row) => `/orders/${row.id}`}
        empty={filters.any ? <NoMatch onClear={filters.clear} /> : <EmptyState title={t("emptyTitle")} hint={t("emptyHint")} />}
      />
    </ListPage>
  );
}
