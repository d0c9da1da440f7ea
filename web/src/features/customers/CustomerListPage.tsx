import { UnorderedListOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, usePages, type Page } from "@/shared/api";
import { FilterBar, SavedViews, useUrlFilters, type FilterField } from "@/shared/filters";
import { Money, Num, Time } from "@/shared/format";
import { say, useLanguage, useTranslation, type Words } from "@/shared/i18n";
import { ExportButton, ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, useColumns, type Column } from "@/shared/table";
import { BulkBar } from "./BulkBar";
import { ListDialog } from "./ListDialog";
import type { CustomerLine } from "./types";

const KEYS = ["q", "segment_id", "tag", "store_id", "city", "stage", "spend_min", "region"] as const;

interface Choosable {
  id?: string;
  name: string;
  label?: Words | string | null;
}

function useChoices(path: string, key: "id" | "name", enabled: boolean) {
  const language = useLanguage();
  const query = useQuery({ queryKey: [path, "choices"], queryFn: ({ signal }) => api.get<Page<Choosable>>(path, { limit: 200 }, signal), enabled, staleTime: 60_000 });
  return (query.data?.items ?? []).map((item) => ({ value: item[key] ?? item.name, label: item.label ? say(item.label, language) : item.name }));
}

/** A region of a comparison as a sentence: "a,b!c" is in a and b, and not in c. */
function useRegion(region: string | undefined, segments: readonly { value: string; label: string }[]): FilterField[] {
  const { t } = useTranslation("customers");
  if (!region) return [];
  const names = (part: string | undefined) => (part ?? "").split(",").filter(Boolean).map((id) => segments.find((one) => one.value === id)?.label ?? id.slice(0, 8)).join(t("region.comma"));
  const [inside, outside] = region.split("!");
  const all = t("region.all", { names: names(inside) });
  return [{ key: "region", label: t("filter.region"), kind: "choice", choices: [{ value: region, label: outside ? t("region.not", { inside: all, outside: names(outside) }) : all }] }];
}

function useFields(region: string | undefined): FilterField[] {
  const { t } = useTranslation("customers");
  const can = useCan();
  const segments = useChoices("/segments", "id", can("segment.read"));
  const tags = useChoices("/tags", "name", true);
  const stores = useChoices("/stores", "id", can("order.read"));
  const compared = useRegion(region, segments);
  return [
    ...compared,
    ...(can("segment.read") ? [{ key: "segment_id", label: t("filter.segment_id"), kind: "choice" as const, choices: segments }] : []),
    { key: "tag", label: t("filter.tag"), kind: "choice", choices: tags },
    { key: "store_id", label: t("filter.store_id"), kind: "choice", choices: stores },
    { key: "city", label: t("filter.city"), kind: "text" },
    { key: "stage", label: t("filter.stage"), kind: "text" },
    { key: "spend_min", label: t("filter.spend_min"), kind: "text" },
  ];
}

function useCustomerColumns(): Column<CustomerLine>[] {
  const { t } = useTranslation("customers");
  return useMemo(
    () => [
      {
        key: "name",
        title: t("column.name"),
        render: (row) => (
          <Link to={`/customers/${row.id}`} tabIndex={-1}>
            {row.name ?? t("unnamed")}
          </Link>
        ),
      },
      { key: "phone", title: t("column.phone"), width: 136, render: (row) => <span className="t-num">{row.phone ?? "—"}</span> },
      { key: "member_no", title: t("column.member_no"), width: 120, render: (row) => <span className="t-num">{row.member_no ?? "—"}</span> },
      { key: "store", title: t("column.store"), width: 150, render: (row) => row.store?.name ?? "—" },
      { key: "city", title: t("column.city"), width: 96, render: (row) => row.city ?? "—" },
      { key: "stage", title: t("column.stage"), width: 96, render: (row) => row.stage ?? "—" },
      { key: "level", title: t("column.level"), width: 96, render: (row) => row.level ?? "—" },
      { key: "tags", title: t("column.tags"), render: (row) => row.tags.slice(0, 3).map((tag) => <Tag key={tag}>{tag}</Tag>) },
      { key: "orders", title: t("column.orders"), width: 88, align: "right", render: (row) => <Num value={row.order_count} /> },
      { key: "spend", title: t("column.spend"), width: 120, align: "right", render: (row) => <Money value={row.spend_total} waiting={row.orders_waiting} /> },
      { key: "lastOrder", title: t("column.lastOrder"), width: 156, render: (row) => <Time value={row.last_order_at} /> },
    ],
    [t],
  );
}

export function CustomerListPage() {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const can = useCan();
  const filters = useUrlFilters(KEYS);
  const fields = useFields(filters.values.region);
  const rows = usePages<CustomerLine>("/customers", filters.values);
  const { visible, chooser } = useColumns("customers", useCustomerColumns(), ["member_no", "level", "stage"]);
  const [listing, setListing] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const empty = filters.any ? (
    <NoMatch onClear={filters.clear} />
  ) : (
    <EmptyState
      drawing="start"
      title={t("emptyTitle")}
      hint={t("emptyHint")}
      action={
        <Button type="primary" onClick={() => navigate("/imports")}>
          {t("goImport")}
        </Button>
      }
    />
  );
  return (
    <ListPage
      title={t("title")}
      lead={t("lead")}
      filters={
        picked.size > 0 ? (
          <BulkBar ids={[...picked]} onDone={() => setPicked(new Set())} />
        ) : (
          <FilterBar fields={fields} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("search")} />
        )
      }
      tools={
        <>
          <span className="t-num">{rows.total === null ? (rows.items.length > 0 ? t("shared:state.totalMore") : "") : t("total", { count: rows.total })}</span>
          <SavedViews page="customers" />
          {rows.items.length > 0 && can("segment.write") ? (
            <Button type="text" icon={<UnorderedListOutlined />} onClick={() => setListing(true)}>
              {t("list.openAll")}
            </Button>
          ) : null}
          {listing ? <ListDialog whom={{ filters: filters.values, count: rows.total }} onClose={() => setListing(false)} onDone={() => setListing(false)} /> : null}
          {rows.items.length > 0 && can("customer.export") ? <ExportButton list="customers" filters={filters.values} /> : null}
          {chooser}
        </>
      }
    >
      <DataTable label={t("title")} rows={rows} columns={visible} rowKey={(row) => row.id} picking={can("customer.write") ? { picked, onPick: setPicked, name: (row) => row.name ?? t("unnamed") } : undefined} to={(row) => `/customers/${row.id}`} empty={empty} />
    </ListPage>
  );
}
