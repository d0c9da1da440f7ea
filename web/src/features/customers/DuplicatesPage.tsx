import { useMutation } from "@tanstack/react-query";
import { Button, Table, Tabs, Tag } from "antd";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Money, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import type { Command, DuplicatePair, MergeLine, PersonLine } from "./types";
import styles from "./page/Customer.module.css";

function refresh(): void {
  for (const path of ["/duplicates", "/merges", "/customers"]) void queryClient.invalidateQueries({ queryKey: [path] });
}

function useMerge() {
  const { t } = useTranslation("customers");
  const told = useTold();
  return useMutation({
    mutationFn: (pair: { survivor: string; loser: string }) => api.post<Command>("/merges", pair),
    onSuccess: ({ status }) => {
      refresh();
      told.done(status === "done" ? t("merge.done") : t("merge.later"));
    },
    onError: told.failed,
  });
}

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

function History() {
  const { t } = useTranslation("customers");
  const say = useSay();
  const told = useTold();
  const rows = usePages<MergeLine>("/merges");
  const undo = useMutation({
    mutationFn: (id: string) => api.post<Command>(`/merges/${id}/undo`),
    onSuccess: ({ status }) => {
      refresh();
      told.done(status === "done" ? t("merge.undone") : t("merge.later"));
    },
    onError: told.failed,
  });
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  if (rows.items.length === 0) return <EmptyState title={t("merge.historyNone")} />;
  return (
    <Table<MergeLine>
      rowKey="id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "survivor", title: t("merge.survivor"), render: (_, row) => <Link to={`/customers/${row.survivor.id}`}>{row.survivor.name ?? t("unnamed")}</Link> },
        { key: "loser", title: t("merge.loser"), render: (_, row) => row.loser.name ?? t("unnamed") },
        { key: "rule", title: t("merge.rule"), render: (_, row) => say(row.rule) },
        { key: "by", title: t("merge.by"), render: (_, row) => row.by ?? t("merge.automatic") },
        { key: "at", title: t("merge.at"), render: (_, row) => <Time value={row.at} /> },
        {
          key: "undo",
          title: <span className="t-hidden">{t("shared:action.actions")}</span>,
          align: "right",
          render: (_, row) =>
            row.undone_at ? (
              <Tag>{t("merge.undoneAt")}</Tag>
            ) : (
              <Button size="small" loading={undo.isPending && undo.variables === row.id} onClick={() => undo.mutate(row.id)}>
                {t("merge.undo")}
              </Button>
            ),
        },
      ]}
    />
  );
}

export function DuplicatesPage() {
  const { t } = useTranslation("customers");
  return (
    <Page title={t("merge.title")} lead={t("merge.lead")}>
      <Section>
        <Tabs
          items={[
            { key: "pending", label: t("merge.pending"), children: <Pending /> },
            { key: "history", label: t("merge.history"), children: <History /> },
          ]}
        />
      </Section>
    </Page>
  );
}
