import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress, Segmented, Select } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatTime, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan, useMe } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import type { Flow } from "../api";
import { FlowFrame } from "../steer/FlowFrame";
import styles from "../steer/Steer.module.css";
import { Result } from "./Result";

type Backtest = Schemas["BacktestOut"];

const GOING = new Set(["queued", "running"]);

function Going({ one, onCancel }: { one: Backtest; onCancel: () => void }) {
  const { t } = useTranslation("steer");
  const percent = one.total ? Math.round((one.done / one.total) * 100) : 0;
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>{t(`back.${one.state}`)}</h2>
        <Button onClick={onCancel}>{t("back.cancel")}</Button>
      </div>
      <Progress percent={percent} status="active" aria-label={t("back.running")} />
    </section>
  );
}

function useBacktests(flow: Flow) {
  const client = useQueryClient();
  const key = ["/flows", flow.id, "backtests"];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<{ items: Backtest[] }>(`/flows/${flow.id}/backtests`, undefined, signal),
    refetchInterval: (query) => (query.state.data?.items.some((one) => GOING.has(one.state)) ? 1_000 : false),
  });
  const going = list.data?.items.find((one) => GOING.has(one.state));
  const again = () => void client.invalidateQueries({ queryKey: key });
  useLive(going ? [`job:${going.id}`] : [], again);
  return { list, going, again };
}

function Backtests({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const can = useCan();
  const told = useTold();
  const zone = useMe().tenant.zone;
  const [days, setDays] = useState("90");
  const [share, setShare] = useState("1");
  const [picked, setPicked] = useState<string | null>(null);
  const { list, going, again } = useBacktests(flow);
  const start = useMutation({
    mutationFn: () => api.post(`/flows/${flow.id}/backtests`, { days: Number(days), share: Number(share) }),
    onSuccess: () => {
      setPicked(null);
      again();
    },
    onError: told.failed,
  });
  const cancel = useMutation({ mutationFn: (id: string) => api.post(`/flows/${flow.id}/backtests/${id}/cancel`, {}), onSuccess: again, onError: told.failed });
  const ended = list.data?.items.filter((one) => !GOING.has(one.state)) ?? [];
  const shown = ended.find((one) => one.id === picked) ?? ended.find((one) => one.state === "done") ?? ended[0];
  return (
    <>
      <section className={`t-card ${styles.sheet}`}>
        <div className={styles.controls}>
          <span>{t("back.over")}</span>
          <Segmented aria-label={t("back.over")} value={days} onChange={setDays} options={["7", "30", "90", "180"].map((one) => ({ value: one, label: t("back.days", { n: one }) }))} />
          <Select aria-label={t("back.share")} value={share} onChange={setShare} options={["1", "0.25", "0.0625"].map((one) => ({ value: one, label: t(`back.shares.${one.replace(".", "_")}`) }))} style={{ minWidth: 180 }} />
          {can("flow.write") ? (
            <Button type="primary" loading={start.isPending} disabled={going !== undefined} onClick={() => start.mutate()}>
              {t("back.go")}
            </Button>
          ) : null}
          {ended.length > 1 ? (
            <Select
              aria-label={t("back.earlier")}
              style={{ minWidth: 240 }}
              value={shown?.id}
              onChange={setPicked}
              options={ended.map((one) => ({ value: one.id, label: `${formatTime(one.created_at, zone)} · ${t("back.days", { n: one.days })}` }))}
            />
          ) : null}
        </div>
      </section>
      {going ? <Going one={going} onCancel={() => cancel.mutate(going.id)} /> : null}
      <Loaded query={list}>
        {() =>
          shown?.result ? (
            <>
              <p className={styles.lead}>
                {t("back.made")} <Time value={shown.created_at} clock="machine" /> · {t("back.took", { n: shown.result.seconds })}
                {shown.draft_etag === Number(flow.etag) ? "" : ` · ${t("back.stale")}`}
              </p>
              <Result flow={flow} backtestId={shown.id} result={shown.result} />
            </>
          ) : shown?.error ? (
            <EmptyState title={t("back.failed")} hint={say(shown.error)} />
          ) : going ? null : (
            <EmptyState title={t(shown?.state === "cancelled" ? "back.cancelled" : "back.empty")} hint={t("back.emptyHint")} />
          )
        }
      </Loaded>
    </>
  );
}

/** A draft against the last days of real events: what would have been. */
export function BacktestPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  return (
    <FlowFrame flowId={flowId} title={t("back.title")} lead={t("back.lead")}>
      {(flow) => <Backtests flow={flow} />}
    </FlowFrame>
  );
}
