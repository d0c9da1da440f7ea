import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Space, Tag } from "antd";
import { Link, useNavigate } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation, type Language } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { spoken } from "../live/spoken";
import styles from "../steer/Steer.module.css";

type Alert = Schemas["FlowAlertOut"];
type Action = Alert["remedies"][number]["action"];

const PUBLISHER = new Set<Action>(["pause", "resume", "stop"]);

/** The reason inside a sentence speaks both languages; the reader sees one. */
function sentence(alert: Alert, say: (words: Alert["said"]) => string, language: Language): string {
  const reason = alert.detail.reason;
  const text = say(alert.said);
  return typeof reason === "string" ? text.replace(reason, spoken(reason, language)) : text;
}

function useRemedy(alert: Alert) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const told = useTold();
  const { t } = useTranslation("steer");
  const act = useMutation({
    mutationFn: (path: string) => api.post(path, path.endsWith("skip-failed") ? { port: 0 } : {}),
    onSuccess: () => {
      told.done(t("alerts.done"));
      void client.invalidateQueries({ queryKey: ["/flow-alerts"] });
      void client.invalidateQueries({ queryKey: ["/flows"] });
    },
    onError: told.failed,
  });
  const flow = `/flows/${alert.flow.id}`;
  const doIt = (action: Action) => {
    if (action === "retry" || action === "skip") act.mutate(`${flow}/${action}-failed`);
    else if (PUBLISHER.has(action)) act.mutate(`${flow}/${action}`);
    else void navigate(action === "workers" ? "/settings/health" : `${flow}/alerts#${action}`);
  };
  return { act, doIt };
}

function Line({ alert, named }: { alert: Alert; named: boolean }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const { act, doIt } = useRemedy(alert);
  const may = (action: Action) => (PUBLISHER.has(action) ? can("flow.publish") : action === "retry" || action === "skip" ? can("flow.write") : true);
  return (
    <li className={styles.line}>
      <div className={styles.grow}>
        <span>
          <Tag color={alert.paused ? "error" : "warning"}>{t(`alerts.kind.${alert.kind}`, { defaultValue: alert.kind })}</Tag>
          {named ? <Link to={`/flows/${alert.flow.id}/alerts`}>{alert.flow.name}</Link> : null} {alert.block ? <span className={styles.small}>{alert.block}</span> : null}
        </span>
        <span>{sentence(alert, say, language)}</span>
        <span className={styles.small}>
          <Time value={alert.at} /> {alert.paused ? `· ${t("alerts.paused")}` : ""}
        </span>
      </div>
      {alert.closed_at ? null : (
        <Space wrap size={4}>
          {alert.remedies
            .filter((one) => may(one.action))
            .map((one) => (
              <Button key={one.action} size="small" loading={act.isPending} onClick={() => doIt(one.action)}>
                {say(one.label)}
              </Button>
            ))}
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
  const alerts = usePages<Alert>("/flow-alerts", { state, ...(flowId ? { flow_id: flowId } : {}) });
  useLive(["flow-alerts"], () => void client.invalidateQueries({ queryKey: ["/flow-alerts"] }));
  if (alerts.error) return <ErrorState compact error={alerts.error} onRetry={() => void alerts.refetch()} />;
  if (alerts.isPending) return <LoadingState rows={3} />;
  if (alerts.items.length === 0) return <EmptyState compact title={t(`alerts.none.${state}`)} hint={t("alerts.noneHint")} />;
  return (
    <>
      <ul className="t-plain">
        {alerts.items.map((one) => (
          <Line key={one.id} alert={one} named={flowId === undefined} />
        ))}
      </ul>
      {alerts.hasNextPage ? (
        <Button block onClick={() => void alerts.fetchNextPage()}>
          {t("behind.more")}
        </Button>
      ) : null}
    </>
  );
}
