import { Button, Tag } from "antd";
import { useMemo } from "react";
import { Link, useNavigate } from "react-router";
import { queryClient, usePages } from "@/shared/api";
import { Sentence } from "@/shared/expression";
import { FilterBar, useUrlFilters } from "@/shared/filters";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { StatusTag } from "./StatusTag";
import type { Segment } from "./types";

const topics = ["segments"];

function useSegmentColumns(): Column<Segment>[] {
  const { t } = useTranslation("segments");
  return useMemo(
    () => [
      {
        key: "name",
        title: t("column.name"),
        width: 280,
        render: (row) => (
          <Link to={`/segments/${row.id}`} tabIndex={-1}>
            {row.name}
          </Link>
        ),
      },
      { key: "kind", title: t("column.kind"), width: 88, render: (row) => <Tag>{t(`kind.${row.kind}`)}</Tag> },
      { key: "count", title: t("column.count"), width: 110, align: "right", render: (row) => <Num value={row.count} /> },
      { key: "status", title: t("column.status"), width: 128, render: (row) => <StatusTag segment={row} /> },
      {
        key: "rule",
        title: t("column.rule"),
        render: (row) => (row.kind === "list" ? t("list.rule") : <Sentence of={row} />),
      },
      { key: "updated", title: t("column.updated"), width: 156, render: (row) => <Time value={row.updated_at} /> },
    ],
    [t],
  );
}

export function SegmentListPage() {
  const { t } = useTranslation("segments");
  const can = useCan();
  const navigate = useNavigate();
  const filters = useUrlFilters(["q"]);
  const rows = usePages<Segment>("/segments", filters.values);
  const columns = useSegmentColumns();
  useLive(topics, () => void queryClient.invalidateQueries({ queryKey: ["/segments"] }));
  const create = can("segment.write") ? (
    <Button type="primary" onClick={() => navigate("/segments/new")}>
      {t("create")}
    </Button>
  ) : null;
  const empty = filters.any ? <NoMatch onClear={filters.clear} /> : <EmptyState drawing="start" title={t("emptyTitle")} hint={t("emptyHint")} action={create} />;
  return (
    <ListPage
      title={t("title")}
      lead={t("lead")}
      actions={
        rows.items.length > 0 || filters.any ? (
          <>
            <Button onClick={() => navigate("/segments/compare")}>{t("compare.open")}</Button>
            {create}
          </>
        ) : null
      }
      filters={<FilterBar fields={[]} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("search")} />}
    >
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/segments/${row.id}`} empty={empty} />
    </ListPage>
  );
}
