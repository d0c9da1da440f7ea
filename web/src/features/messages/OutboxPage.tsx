import type { TFunction } from "i18next";
import { useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages, type Page } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ExportButton, ListPage } from "@/shared/pages";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, useColumns, type Column } from "@/shared/table";
import { SendingRules } from "./SendingRules";
import { STATUS_COLOURS, STATUSES, type Message, type StateCount } from "./types";
import styles from "./Messages.module.css";

const topics = ["messages"];

/** `missing_value:coupon.code` -> the words for the reason, with what it is about. */
function reasonText(t: TFunction<"messages">, reason: string): string {
  const [code = reason, about] = reason.split(":", 2);
  const words = t(`reason.${code}`, { defaultValue: code });
  return about ? `${words} (${about})` : words;
}

function useMessageColumns(): Column<Message>[] {
  const { t } = useTranslation("messages");
  return useMemo(
    () => [
      { key: "template", title: t("outbox.column.template"), render: (row) => row.template },
      { key: "status", title: t("outbox.column.status"), width: 104, render: (row) => <Tag color={STATUS_COLOURS[row.status] ?? "default"}>{t(`status.${row.status}`, { defaultValue: row.status })}</Tag> },
      { key: "reason", title: t("outbox.column.reason"), render: (row) => (row.reason ? reasonText(t, row.reason) : "—") },
      { key: "class", title: t("outbox.column.class"), width: 96, render: (row) => t(`class.${row.message_class}`) },
      { key: "customer", title: t("outbox.column.customer"), width: 110, render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer_name ?? t("outbox.open")}</Link> },
      { key: "from", title: t("outbox.column.from"), width: 96, render: (row) => (row.run_id ? <Link to={`/runs/${row.run_id}`}>{t("outbox.flow")}</Link> : "—") },
      { key: "planned", title: t("outbox.column.planned"), width: 156, render: (row) => <Time value={row.planned_at} /> },
      { key: "release", title: t("outbox.column.release"), width: 156, render: (row) => <Time value={row.release_at} /> },
      { key: "reported", title: t("outbox.column.reported"), width: 150, render: (row) => (row.reported ? [t(`reported.${row.reported}`), row.reported_reason].filter(Boolean).join(" · ") : "—") },
      { key: "finished", title: t("outbox.column.finished"), width: 156, render: (row) => <Time value={row.finished_at} /> },
    ],
    [t],
  );
}

/** The states as buttons with how many messages are in each. */
function States({ chosen, onChoose }: { chosen: string; onChoose: (state: string | null) => void }) {
  const { t } = useTranslation("messages");
  const query = useQuery({ queryKey: ["/messages/states"], queryFn: ({ signal }) => api.get<Page<StateCount>>("/messages/states", undefined, signal) });
  const sums = new Map<string, number>();
  for (const one of query.data?.items ?? []) sums.set(one.status, (sums.get(one.status) ?? 0) + one.n);
  const all = [...sums.values()].reduce((a, b) => a + b, 0);
  const button = (key: string, label: string, count: number) => (
    <button key={key || "all"} type="button" className={styles.state} aria-pressed={chosen === key} onClick={() => onChoose(key || null)}>
      {label} <span className="t-num">{formatNumber(count)}</span>
    </button>
  );
  return (
    <div className={styles.states}>
      {button("", t("outbox.all"), all)}
      {STATUSES.filter((status) => (sums.get(status) ?? 0) > 0 || status === chosen).map((status) => button(status, t(`status.${status}`), sums.get(status) ?? 0))}
    </div>
  );
}

export function OutboxPage() {
  const { t } = useTranslation("messages");
  const filters = useUrlFilters(["state"]);
  const rows = usePages<Message>("/messages", filters.values);
  const [ruling, setRuling] = useState(false);
  const { visible, chooser } = useColumns("outbox", useMessageColumns(), ["release", "class"]);
  useLive(topics, () => {
    void queryClient.invalidateQueries({ queryKey: ["/messages"] });
    void queryClient.invalidateQueries({ queryKey: ["/messages/states"] });
  });
  return (
    <ListPage
      title={t("outbox.title")}
      lead={t("outbox.lead")}
      actions={<Button onClick={() => setRuling(true)}>{t("rules.open")}</Button>}
      filters={<States chosen={filters.values.state ?? ""} onChoose={(state) => filters.set({ state })} />}
      tools={
        <>
          {rows.items.length > 0 ? <ExportButton list="messages" filters={{ status: filters.values.state ?? null }} /> : null}
          {chooser}
        </>
      }
    >
      <DataTable
        label={t("outbox.title")}
        rows={rows}
        columns={visible}
        rowKey={(row) => row.id}
        empty={filters.any ? <NoMatch onClear={filters.clear} /> : <EmptyState title={t("outbox.emptyTitle")} hint={t("outbox.emptyHint")} />}
      />
      <SendingRules open={ruling} onClose={() => setRuling(false)} />
    </ListPage>
  );
}
