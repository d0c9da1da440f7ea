import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { FailedEventLine } from "./types";
import styles from "./Intake.module.css";

type Retried = Schemas["Retried"];

const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/failed-events"] });

/** One event, or all in bounded rounds. */
async function retry(id: string | null): Promise<number> {
  if (id !== null) return (await api.post<Retried>(`/failed-events/${id}/retry`)).retried;
  let count = 0;
  let after: string | null = null;
  do {
    const round: Retried = await api.post<Retried>("/failed-events/retry", { after });
    count += round.retried;
    after = round.next ?? null;
  } while (after !== null);
  return count;
}

export function FailedEvents() {
  const { t } = useTranslation("intake");
  const say = useSay();
  const told = useTold();
  const rows = usePages<FailedEventLine>("/failed-events");
  const { mutate, isPending } = useMutation({ mutationFn: retry, onSuccess: (count) => told.done(t("quarantine.retried", { count })), onError: told.failed, onSettled: refresh });
  const columns = useMemo<Column<FailedEventLine>[]>(
    () => [
      { key: "event", title: t("quarantine.event"), width: 140, render: (row) => (row.label ? say(row.label) : row.type) },
      { key: "reason", title: t("quarantine.reason"), render: (row) => <span title={row.reason}>{row.reason}</span> },
      { key: "customer", title: t("quarantine.customer"), width: 90, render: (row) => (row.customer_id ? <Link to={`/customers/${row.customer_id}`}>{t("quarantine.open")}</Link> : "—") },
      { key: "occurred", title: t("quarantine.occurred"), width: 160, render: (row) => <Time value={row.occurred_at} /> },
      { key: "failed", title: t("quarantine.failedAt"), width: 160, render: (row) => <Time value={row.failed_at} /> },
      {
        key: "retry",
        title: "",
        width: 110,
        render: (row) => (
          <Button size="small" disabled={isPending} onClick={() => mutate(row.id)}>
            {t("quarantine.retry")}
          </Button>
        ),
      },
    ],
    [t, say, mutate, isPending],
  );
  return (
    <>
      {rows.items.length > 0 ? (
        <div className={styles.bar}>
          <span className="t-faint">{t("quarantine.retryHint")}</span>
          <Button loading={isPending} onClick={() => mutate(null)}>
            {t("quarantine.retryAll")}
          </Button>
        </div>
      ) : null}
      <DataTable label={t("quarantine.failedTab")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState drawing="done" title={t("quarantine.noFailedTitle")} hint={t("quarantine.noFailedHint")} />} />
    </>
  );
}
