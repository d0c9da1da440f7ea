import { Button, Drawer, Space } from "antd";
import { useEffect, useRef } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { ThingName } from "@/shared/thing";
import { flowKey, useStats, type RunLine } from "../api";
import { spoken } from "./spoken";
import styles from "./PeopleDrawer.module.css";

interface Props {
  flowId: string;
  block: string;
  title: string;
  state: "inside" | "failed";
  onClose: () => void;
}

const peopleKey = (flowId: string) => [`/flows/${flowId}/people`];

/** Looks again whenever the number on the canvas does: with its live topic, and with the counts that are asked for every few seconds. */
function useFresh({ flowId, block, state }: Props) {
  const client = useQueryClient();
  const stats = useStats(flowId, true);
  const count = stats.data?.blocks[block]?.[state];
  const shown = useRef(count);
  useLive([`flow:${flowId}`, "clock"], () => void client.invalidateQueries({ queryKey: peopleKey(flowId) }));
  useEffect(() => {
    if (shown.current !== undefined && count !== shown.current) void client.invalidateQueries({ queryKey: peopleKey(flowId) });
    shown.current = count;
  }, [client, flowId, count]);
}

function useMend(flowId: string) {
  const client = useQueryClient();
  const told = useTold();
  const { t } = useTranslation("flows");
  return useMutation({
    mutationFn: ({ run, action }: { run: string; action: "retry" | "skip" }) => api.post(`/runs/${run}/${action}`, {}),
    onSuccess: async (_answer, { action }) => {
      told.done(t(`people.${action}Done`));
      await client.invalidateQueries({ queryKey: flowKey(flowId) });
      await client.invalidateQueries({ queryKey: peopleKey(flowId) });
    },
    onError: told.failed,
  });
}

function Line({ run, onMend }: { run: RunLine; onMend: (action: "retry" | "skip") => void }) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const language = useLanguage();
  return (
    <li className={styles.line}>
      <div className={styles.who}>
        {run.thing ? <ThingName thing={run.thing} /> : run.customer_id ? <Link to={`/customers/${run.customer_id}`}>{run.customer?.name ?? t("people.customer")}</Link> : <span>{t("people.subject")}</span>}
        <span className={styles.since}>
          {t("people.since")} <Time value={run.since} />
        </span>
        {run.reason ? <span className={styles.reason}>{spoken(run.reason, language)}</span> : null}
      </div>
      <Space size={4}>
        <Link to={`/runs/${run.id}`}>{t("people.path")}</Link>
        {run.state === "failed" && can("flow.write") ? (
          <>
            <Button size="small" onClick={() => onMend("retry")}>
              {t("people.retry")}
            </Button>
            <Button size="small" onClick={() => onMend("skip")}>
              {t("people.skip")}
            </Button>
          </>
        ) : null}
      </Space>
    </li>
  );
}

/** The people behind a number on the canvas. */
export function PeopleDrawer(props: Props) {
  const { flowId, block, title, state, onClose } = props;
  const { t } = useTranslation("flows");
  const people = usePages<RunLine>(`/flows/${flowId}/people`, { block, state });
  const mend = useMend(flowId);
  useFresh(props);
  const again = (
    <Button size="small" loading={people.isFetching} onClick={() => void people.refetch()}>
      {t("people.again")}
    </Button>
  );
  return (
    <Drawer open onClose={onClose} size={440} title={t(`people.${state}`, { block: title })}>
      {people.error && people.items.length === 0 ? <ErrorState compact error={people.error} onRetry={() => void people.refetch()} /> : null}
      {people.isPending ? <LoadingState /> : null}
      {!people.isPending && !people.error && people.items.length === 0 ? <EmptyState compact title={t("people.none")} hint={t("people.noneHint")} action={again} /> : null}
      <ul className="t-plain">
        {people.items.map((run) => (
          <Line key={run.id} run={run} onMend={(action) => mend.mutate({ run: run.id, action })} />
        ))}
      </ul>
      {people.hasNextPage ? (
        <Button block loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
          {t("people.more")}
        </Button>
      ) : null}
    </Drawer>
  );
}
