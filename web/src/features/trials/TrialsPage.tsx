import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Progress, Tag } from "antd";
import { useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { Page } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { EmptyTrial } from "./EmptyTrial";
import styles from "./Trials.module.css";

type Trade = Schemas["TradeOut"];
type Trial = Schemas["TrialOut"];

const topics = ["trials"];
const COLOURS = { opening: "processing", ready: "success", failed: "error", emptying: "processing" } as const;
const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/trials"] });

/** Another company from here on: nothing that is remembered of this one may be shown there. */
function useMoved() {
  const client = useQueryClient();
  return () => {
    client.clear();
    window.location.assign("/home");
  };
}

function TradeCard({ trade }: { trade: Trade }) {
  const { t } = useTranslation("trials");
  const say = useSay();
  const told = useTold();
  const open = useMutation({
    mutationFn: () => api.post<Trial>("/trials", { trade: trade.code }),
    onSuccess: () => {
      refresh();
      told.done(t("opened"));
    },
    onError: told.failed,
  });
  return (
    <article className={styles.trade}>
      <h3>{say(trade.label)}</h3>
      <p>{t("size", { count: trade.customers })}</p>
      <p className="t-faint">{t("sells", { list: trade.products.slice(0, 4).join("、") })}</p>
      <p className="t-faint">{t("segments", { list: trade.segments.slice(0, 2).join("、") })}</p>
      <Button type="primary" loading={open.isPending} aria-label={`${t("open")} ${say(trade.label)}`} onClick={() => open.mutate()}>
        {t("open")}
      </Button>
    </article>
  );
}

function TrialCard({ trial, onEmpty }: { trial: Trial; onEmpty: (trial: Trial) => void }) {
  const { t } = useTranslation("trials");
  const say = useSay();
  const told = useTold();
  const moved = useMoved();
  const enter = useMutation({ mutationFn: () => api.post(`/trials/${trial.id}/enter`), onSuccess: moved, onError: told.failed });
  const busy = trial.status === "opening" || trial.status === "emptying";
  return (
    <article className={styles.trial}>
      <div>
        <h3>
          {trial.name} <Tag color={COLOURS[trial.status]}>{t(trial.status)}</Tag>
        </h3>
        {busy ? <Progress percent={trial.records ? Math.floor((100 * trial.done) / trial.records) : 0} size="small" aria-label={t(trial.status)} /> : null}
        {trial.status === "ready" ? <span className="t-faint">{t("took", { count: trial.records, seconds: trial.seconds })}</span> : null}
        {trial.problem ? <span>{say(trial.problem)}</span> : null}
      </div>
      <div className={styles.actions}>
        {trial.status === "ready" ? (
          <Button type="primary" loading={enter.isPending} aria-label={`${t("enter")} ${trial.name}`} onClick={() => enter.mutate()}>
            {t("enter")}
          </Button>
        ) : null}
        {busy ? null : (
          <Button danger aria-label={`${t("empty")} ${trial.name}`} onClick={() => onEmpty(trial)}>
            {t("empty")}
          </Button>
        )}
      </div>
    </article>
  );
}

function Leaving() {
  const { t } = useTranslation("trials");
  const told = useTold();
  const moved = useMoved();
  const leave = useMutation({ mutationFn: () => api.post("/trials/leave"), onSuccess: moved, onError: told.failed });
  return (
    <Alert
      type="info"
      showIcon
      title={t("inTrial")}
      action={
        <Button type="primary" loading={leave.isPending} onClick={() => leave.mutate()}>
          {t("leave")}
        </Button>
      }
    />
  );
}

/** Companies of a trade to try things in: opened, entered, emptied. */
export function TrialsPage() {
  const { t } = useTranslation("trials");
  const inTrial = useMe().tenant.trial;
  const trades = usePages<Trade>("/trial-trades", {}, 50, !inTrial);
  const trials = usePages<Trial>("/trials", {}, 50, !inTrial);
  const [emptying, setEmptying] = useState<Trial | null>(null);
  useLive(topics, refresh);
  if (inTrial) {
    return (
      <Page title={t("title")} lead={t("lead")}>
        <Leaving />
      </Page>
    );
  }
  const error = trades.error ?? trials.error;
  return (
    <Page title={t("title")} lead={t("lead")}>
      <div className={styles.page}>
        {error ? <ErrorState error={error} onRetry={() => void trials.refetch()} /> : null}
        <section aria-label={t("mine")}>
          <h2 className={styles.heading}>{t("mine")}</h2>
          {trials.isPending ? <LoadingState rows={2} /> : null}
          {!trials.isPending && trials.items.length === 0 ? <p className="t-faint">{t("none")}</p> : null}
          <div className={styles.trials}>
            {trials.items.map((one) => (
              <TrialCard key={one.id} trial={one} onEmpty={setEmptying} />
            ))}
          </div>
        </section>
        <section aria-label={t("choose")}>
          <h2 className={styles.heading}>{t("choose")}</h2>
          <div className={styles.trades}>
            {trades.items.map((one) => (
              <TradeCard key={one.code} trade={one} />
            ))}
          </div>
        </section>
      </div>
      {emptying ? <EmptyTrial trial={emptying} onClose={() => setEmptying(null)} /> : null}
    </Page>
  );
}
