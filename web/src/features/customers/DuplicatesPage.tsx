import { useMutation } from "@tanstack/react-query";
import { Button, Table, Tabs, Tag } from "antd";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { Money, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { MergeHistory } from "./MergeHistory";
import { refresh, useMerge } from "./merging";
import type { DuplicatePair, PersonLine, RefusedLine } from "./types";
import styles from "./page/Customer.module.css";

function useKeepApart() {
  const { t } = useTranslation("customers");
  const told = useTold();
  return useMutation({
    mutationFn: (pair: { first: string; second: string }) => api.post("/duplicates/keep-apart", pair),
    onSuccess: () => {
      refresh();
      told.done(t("merge.apartDone"));
    },
    onError: told.failed,
  });
}

function Person({ customer }: { customer: PersonLine }) {
  const { t } = useTranslation("customers");
  return (
    <div>
      <Link to={`/customers/${customer.id}`}>{customer.name ?? t("unnamed")}</Link> <span className="t-num t-soft">{customer.phone}</span>
      <div className="t-faint">
        {customer.city} · {t("column.orders")} <Num value={customer.order_count} /> · <Money value={customer.spend_total} />
      </div>
    </div>
  );
}

function Pending() {
  const { t } = useTranslation("customers");
  const say = useSay();
  const rows = usePages<DuplicatePair>("/duplicates");
  const merge = useMerge();
  const apart = useKeepApart();
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  if (rows.items.length === 0) return <EmptyState drawing="done" title={t("merge.noneTitle")} hint={t("merge.noneHint")} />;
  return (
    <ul className="t-plain">
      {rows.items.map(({ first, second, reason }) => (
        <li key={`${first.id}${second.id}`} className={styles.pair}>
          <Person customer={first} />
          <Person customer={second} />
          <div className={styles.pairActions}>
            <Button size="small" disabled={merge.isPending} onClick={() => merge.mutate({ survivor: first.id, loser: second.id })}>
              {t("merge.keep")}
            </Button>
            <Button size="small" disabled={merge.isPending} onClick={() => merge.mutate({ survivor: second.id, loser: first.id })}>
              {t("merge.keepOther")}
            </Button>
            <Button size="small" type="text" disabled={apart.isPending} onClick={() => apart.mutate({ first: first.id, second: second.id })}>
              {t("merge.apart")}
            </Button>
          </div>
          <span className={styles.pairReason}>{say(reason)}</span>
        </li>
      ))}
    </ul>
  );
}

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
  const filters = useUrlFilters(["tab"]);
  return (
    <Page title={t("merge.title")} lead={t("merge.lead")}>
      <Section>
        <Tabs
          activeKey={filters.values.tab ?? "pending"}
          onChange={(tab) => filters.set({ tab: tab === "pending" ? null : tab })}
          destroyOnHidden
          items={[
            { key: "pending", label: t("merge.pending"), children: <Pending /> },
            { key: "refused", label: t("merge.refused"), children: <Refused /> },
            { key: "history", label: t("merge.history"), children: <MergeHistory /> },
          ]}
        />
      </Section>
    </Page>
  );
}
