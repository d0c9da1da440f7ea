import { FlagOutlined } from "@ant-design/icons";
import { Tag } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import type { RunLine } from "../types";
import styles from "./Customer.module.css";

const colours: Record<string, string> = { active: "processing", done: "success", failed: "error" };

export function Runs({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const rows = usePages<RunLine>(`/customers/${customerId}/runs`);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={4} />;
  const ask = <Link to={`/why/${customerId}`}>{t("runs.whyNot")}</Link>;
  if (rows.items.length === 0) return <EmptyState compact drawing="start" title={t("runs.emptyTitle")} hint={t("runs.emptyHint")} action={ask} />;
  return (
    <ul className="t-plain">
      <li className={styles.run}>{ask}</li>
      {rows.items.map((run) => (
        <li key={run.id} className={styles.run}>
          <div className={styles.runMain}>
            <div className={styles.eventTitle}>
              <Link to={`/flows/${run.flow.id}`}>{run.flow.name}</Link>
              <Tag color={colours[run.status] ?? "default"}>{t(`runs.status.${run.status}`, { defaultValue: run.status })}</Tag>
              {run.goal_at ? (
                <Tag color="success" icon={<FlagOutlined />}>
                  {t("runs.goal")}
                </Tag>
              ) : null}
            </div>
            <div className="t-faint">
              {t("runs.version", { version: run.version })} · <Time value={run.entered_at} />
              {run.block_label && !run.ended_at ? ` · ${t("runs.at", { block: say(run.block_label) })}` : ""}
            </div>
          </div>
          <Link to={`/runs/${run.id}`}>{t("runs.why")}</Link>
        </li>
      ))}
    </ul>
  );
}
