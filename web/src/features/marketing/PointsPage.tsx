import { useMemo } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { FilterBar, useUrlFilters } from "@/shared/filters";
import { Money, Num, type Amount } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";

interface Person {
  id: string;
  name: string | null;
  phone: string | null;
  order_count: number;
  spend_total: Amount | null;
}

const place = (row: Person) => `/customers/${row.id}?tab=points`;

export function PointsPage() {
  const { t } = useTranslation("marketing");
  const filters = useUrlFilters(["q"]);
  const asked = Boolean(filters.values.q);
  const rows = usePages<Person>("/customers", filters.values, 50, asked);
  const columns = useMemo<Column<Person>[]>(
    () => [
      { key: "name", title: t("points.column.name"), render: (row) => row.name ?? t("points.unnamed") },
      { key: "phone", title: t("points.column.phone"), width: 160, render: (row) => <span className="t-num">{row.phone ?? "—"}</span> },
      { key: "orders", title: t("points.column.orders"), width: 120, align: "right", render: (row) => <Num value={row.order_count} /> },
      { key: "spend", title: t("points.column.spend"), width: 160, align: "right", render: (row) => <Money value={row.spend_total} /> },
      {
        key: "open",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 120,
        align: "right",
        render: (row) => (
          <Link to={place(row)} tabIndex={-1}>
            {t("points.open")}
          </Link>
        ),
      },
    ],
    [t],
  );
  return (
    <ListPage title={t("points.title")} lead={t("points.lead")} filters={<FilterBar fields={[]} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("points.search")} />}>
      {asked ? (
        <DataTable label={t("points.title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={place} empty={<NoMatch onClear={filters.clear} />} />
      ) : (
        <EmptyState drawing="search" title={t("points.hintTitle")} hint={t("points.hint")} />
      )}
    </ListPage>
  );
}
