import { Alert } from "antd";
import { useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState } from "@/shared/states";
import styles from "../editor/PublishDialog.module.css";
import { useReasons } from "../life/reasons";

type Entry = Schemas["PreviewEntry"];

function EntryLine({ entry }: { entry: Entry }) {
  const { t } = useTranslation("flows");
  const people = formatNumber(entry.people);
  return (
    <li>
      {entry.at ? (
        <>
          <Time value={entry.at} /> {t("publish.enterAt", { n: people, segment: entry.segment })}
        </>
      ) : (
        t(entry.people === 0 ? "publish.enterNobody" : "publish.enterNow", { n: people, segment: entry.segment })
      )}
      {entry.messages === null ? t("publish.messagesEndless") : entry.messages > 0 ? t("publish.messagesMost", { n: formatNumber(entry.messages) }) : null}
      {entry.cost !== null && Number(entry.cost) > 0 ? t("publish.costMost", { cost: formatNumber(Number(entry.cost)) }) : null}
    </li>
  );
}

/** What publishing would mean now. */
export function useAhead(flowId: string) {
  return useQuery({
    queryKey: [`/flows/${flowId}/publish-preview`],
    queryFn: ({ signal }) => api.get<Schemas["PublishPreview"]>(`/flows/${flowId}/publish-preview`, undefined, signal),
    // The draft may have been saved a moment ago, and people come and go.
    gcTime: 0,
  });
}

/** Whom publishing lets in, how many messages that may mean, and who is inside which version. */
export function PublishAhead({ flowId }: { flowId: string }) {
  const { t } = useTranslation("flows");
  const told = useReasons();
  const ahead = useAhead(flowId);
  if (ahead.error) return <ErrorState compact error={ahead.error} onRetry={() => void ahead.refetch()} />;
  if (!ahead.data) return <LoadingState rows={2} />;
  const { entries, listens, inside, reasons = [] } = ahead.data;
  const people = entries.reduce((sum, one) => sum + one.people, 0);
  const cost = entries.every((one) => one.cost !== null) ? entries.reduce((sum, one) => sum + Number(one.cost), 0) : null;
  return (
    <div className={styles.ahead}>
    {reasons.length > 0 ? <Alert type="warning" showIcon title={t("approval.needed", { reasons: told({ people, cost: cost === null ? null : String(cost), human: [], people_max: ahead.data.people_max ?? null, cost_max: ahead.data.cost_max ?? null, reasons: reasons as ("people" | "cost" | "human")[] }) })} /> : null}
    <ul aria-label={t("publish.ahead")}>
      {entries.map((entry) => (
        <EntryLine key={entry.block} entry={entry} />
      ))}
      {listens ? <li>{t("publish.listens")}</li> : null}
      {inside.map((one) => (
        <li key={one.version}>{t("publish.insideVersion", { version: one.version, n: formatNumber(one.runs) })}</li>
      ))}
    </ul>
    </div>
  );
}
