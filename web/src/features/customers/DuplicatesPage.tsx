import { Button, Table, Tabs, Tag } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { MergeHistory } from "./MergeHistory";
import { useMerge } from "./merging";
import { StuckMerges } from "./StuckMerges";
import { ReviewQueue } from "./review/ReviewQueue";
import type { RefusedLine } from "./types";

function Refused() {
  const { t } = useTranslation("customers");
  const say = useSay();
  const rows = usePages<RefusedLine>("/merges/refused");
  const merge = useMerge();
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  if (rows.items.length === 0) return <EmptyState drawing="done" title={t("merge.refusedNone")} hint={t("merge.refusedNoneHint")} />;
  return (
    <Table<RefusedLine>
      rowKey="id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "survivor", title: t("merge.survivor"), render: (_, row) => <Link to={`/customers/${row.survivor.id}`}>{row.survivor.name ?? t("unnamed")}</Link> },
        { key: "loser", title: t("merge.loser"), render: (_, row) => <Link to={`/customers/${row.loser.id}`}>{row.loser.name ?? t("unnamed")}</Link> },
        { key: "rule", title: t("merge.rule"), render: (_, row) => say(row.rule) },
        { key: "why", title: t("merge.why"), render: (_, row) => say(row.why) },
        { key: "at", title: t("merge.at"), width: 160, render: (_, row) => <Time value={row.at} /> },
        {
          key: "again",
          title: <span className="t-hidden">{t("shared:action.actions")}</span>,
          align: "right",
          render: (_, row) =>
            row.open ? (
              <Button size="small" disabled={merge.isPending} onClick={() => merge.mutate({ survivor: row.survivor.id, loser: row.loser.id })}>
                {t("merge.anyway")}
              </Button>
            ) : (
              <Tag>{t("merge.settled")}</Tag>
            ),
        },
      ]}
    />
  );
}

export function DuplicatesPage() {
  const { t } = useTranslation("customers");
  const filters = useUrlFilters(["tab", "pattern"]);
  return (
    <Page title={t("merge.title")} lead={t("merge.lead")}>
      <Section>
        <Tabs
          activeKey={filters.values.tab ?? "pending"}
          onChange={(tab) => filters.set({ tab: tab === "pending" ? null : tab, pattern: null })}
          destroyOnHidden
          items={[
            { key: "pending", label: t("merge.pending"), children: <ReviewQueue /> },
            { key: "refused", label: t("merge.refused"), children: <Refused /> },
            { key: "stuck", label: t("merge.stuck"), children: <StuckMerges /> },
            { key: "history", label: t("merge.history"), children: <MergeHistory /> },
          ]}
        />
      </Section>
    </Page>
  );
}
