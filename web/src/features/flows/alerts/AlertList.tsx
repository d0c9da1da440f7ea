import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation, type Language } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { spoken } from "../live/spoken";
import { useSwitchById } from "../life/useSwitch";
import { PeopleBehind, type Behind } from "../steer/PeopleBehind";
import styles from "../steer/Steer.module.css";

type Alert = Schemas["FlowAlertOut"];
type Action = Alert["remedies"][number]["action"];

const PUBLISHER = new Set<Action>(["pause", "resume", "stop"]);
const WRITER = new Set<Action>(["retry", "skip", "edit", "send_on"]);
/** Who stands at the step; of a rush or a refusal, who came or passed. */
const STANDING = new Set(["stall", "overdue"]);

function peopleOf(alert: Alert, title: string): Behind {
  const flow = `/flows/${alert.flow.id}`;
  if (alert.block === "") return { title, path: `${flow}/counted`, params: { what: "entered" }, real: true };
  if (STANDING.has(alert.kind)) return { title, path: `${flow}/people`, params: { block: alert.block, state: "inside" }, real: true };
  return { title, path: `${flow}/counted`, params: { what: "passed", block: alert.block }, real: true };
}

/** The reason inside a sentence speaks both languages; the reader sees one. */
function sentence(alert: Alert, say: (words: Alert["said"]) => string, language: Language): string {
  const reason = alert.detail.reason;
  const text = say(alert.said);
  return typeof reason === "string" ? text.replace(reason, spoken(reason, language)) : text;
}

function useRemedy(alert: Alert, onPeople: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const told = useTold();
  const { t } = useTranslation("steer");
  const act = useMutation({
    mutationFn: (path: string) => api.post(path, path.endsWith("skip-failed") ? { port: 0 } : path.endsWith("send-on") ? { block: alert.block } : {}),
    onSuccess: (_answer, path) => {
      told.done(t(path.endsWith("/close") ? "alerts.shut" : "failures.begun"));
      void client.invalidateQueries({ queryKey: ["/flow-alerts"] });
      void client.invalidateQueries({ queryKey: ["/flows"] });
    },
    onError: told.failed,
  });
  const turn = useSwitchById();
  const flow = `/flows/${alert.flow.id}`;
  const doIt = (action: Action) => {
    if (action === "retry" || action === "skip") act.mutate(`${flow}/${action}-failed`);
    else if (action === "send_on") act.mutate(`${flow}/send-on`);
    else if (action === "pause" || action === "resume" || action === "stop") void turn(alert.flow.id, action);
    else if (action === "people") onPeople();
    else if (action === "edit") void navigate(flow, { state: { drawn: alert.block } });
    else void navigate(action === "merges" ? "/customers/duplicates?tab=stuck" : action === "workers" ? "/settings/workers" : `${flow}/alerts#${action}`);
  };
  return { act, doIt };
}

function Line({ alert, named, onBehind }: { alert: Alert; named: boolean; onBehind: (behind: Behind) => void }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const block = alert.block_label ? say(alert.block_label) : "";
  const { act, doIt } = useRemedy(alert, () => onBehind(peopleOf(alert, block || alert.flow.name)));
  const needs = (action: Action) => (PUBLISHER.has(action) ? "flow.publish" : WRITER.has(action) ? "flow.write" : action === "workers" ? "settings.read" : action === "merges" ? "customer.merge" : undefined);
  const may = (action: Action) => can(needs(action));
  return (
    <li className={styles.line}>
      <div className={styles.grow}>
        <Space wrap size={8}>
          <Tag color={alert.paused ? "error" : "warning"}>{t(`alerts.kind.${alert.kind}`, { defaultValue: alert.kind })}</Tag>
          {named ? <Link to={`/flows/${alert.flow.id}/alerts`}>{alert.flow.name}</Link> : null}
          {block ? <strong>{block}</strong> : null}
        </Space>
        <span>{sentence(alert, say, language)}</span>
        <span className={styles.small}>
          <Time value={alert.at} /> {alert.paused ? `· ${t(alert.flow_status === "paused" ? "alerts.paused" : "alerts.pausedOnce")}` : ""}
        </span>
      </div>
      {alert.closed_at ? null : (
        <Space wrap size={4}>
          {alert.remedies
            .filter((one) => may(one.action))
            .map((one) =>
              one.action === "send_on" || one.action === "retry" || one.action === "skip" ? (
                <Popconfirm key={one.action} title={t(`alerts.ask.${one.action}`, { count: alert.n })} description={t(`alerts.means.${one.action}`)} okText={say(one.label)} onConfirm={() => doIt(one.action)}>
                  <Button size="small" loading={act.isPending}>
                    {say(one.label)}
                  </Button>
                </Popconfirm>
              ) : (
                <Button key={one.action} size="small" loading={act.isPending} onClick={() => doIt(one.action)}>
                  {say(one.label)}
                </Button>
              ),
            )}
          {can("flow.write") ? (
            <Button size="small" type="text" onClick={() => act.mutate(`/flow-alerts/${alert.id}/close`)}>
              {t("alerts.close")}
            </Button>
          ) : null}
        </Space>
      )}
    </li>
  );
}

/** Early warnings with what can be done about each. */
export function AlertList({ flowId, state = "open" }: { flowId?: string; state?: "open" | "closed" }) {
  const { t } = useTranslation("steer");
  const client = useQueryClient();
  const [behind, setBehind] = useState<Behind | null>(null);
  const alerts = usePages<Alert>("/flow-alerts", { state, ...(flowId ? { flow_id: flowId } : {}) });
  useLive(["flow-alerts"], () => void client.invalidateQueries({ queryKey: ["/flow-alerts"] }));
  if (alerts.error) return <ErrorState compact error={alerts.error} onRetry={() => void alerts.refetch()} />;
  if (alerts.isPending) return <LoadingState rows={3} />;
  if (alerts.items.length === 0) return <EmptyState compact title={t(`alerts.none.${state}`)} hint={t("alerts.noneHint")} />;
  return (
    <>
      <ul className="t-plain">
        {alerts.items.map((one) => (
          <Line key={one.id} alert={one} named={flowId === undefined} onBehind={setBehind} />
        ))}
      </ul>
      {alerts.hasNextPage ? (
        <Button block onClick={() => void alerts.fetchNextPage()}>
          {t("behind.more")}
        </Button>
      ) : null}
      {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
    </>
  );
}
