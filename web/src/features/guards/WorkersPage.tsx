import { useQuery } from "@tanstack/react-query";
import { Alert, Table, Tag } from "antd";
import { Link } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import { EffectDelays } from "./EffectDelays";
import styles from "./guards.module.css";

type Health = Schemas["HealthOut"];
type Lane = Health["lanes"][number];

/** The processes speak every few seconds. */
const AGAIN_MS = 5_000;

function Waiting({ lanes }: { lanes: readonly Lane[] }) {
  const { t } = useTranslation("guards");
  const lag = (seconds: number | null) => (seconds === null ? "—" : t("workers.seconds", { n: formatNumber(seconds, 1) }));
  return (
    <Table
      size="small"
      rowKey="lane"
      pagination={false}
      scroll={{ x: true }}
      dataSource={[...lanes]}
      columns={[
        { title: t("workers.lane"), render: (_value, one) => t(`workers.lanes.${one.lane}`) },
        { title: t("workers.events"), align: "right", render: (_value, one) => formatNumber(one.events_waiting) },
        { title: t("workers.eventLag"), align: "right", render: (_value, one) => lag(one.event_lag_seconds) },
        { title: t("workers.runs"), align: "right", render: (_value, one) => formatNumber(one.runs_due) },
        { title: t("workers.runLag"), align: "right", render: (_value, one) => lag(one.run_lag_seconds) },
      ]}
    />
  );
}

/** Whether anybody is at work behind the screens, and how far behind they are. */
export function WorkersPage() {
  const { t } = useTranslation("guards");
  const query = useQuery({ queryKey: ["/health"], queryFn: ({ signal }) => api.get<Health>("/health", undefined, signal), refetchInterval: AGAIN_MS });
  return (
    <Page title={t("workers.title")} lead={t("workers.lead")}>
      <Loaded query={query}>
        {(found) => (
          <>
            {found.held > 0 ? <Alert type="warning" showIcon title={t("workers.held", { count: found.held })} action={<Link to="/customers/duplicates?tab=stuck">{t("workers.heldLink")}</Link>} /> : null}
            <section className={`t-card ${styles.sheet} ${styles.wide}`}>
              <h2>{t("workers.who")}</h2>
              {found.workers.length === 0 ? (
                <EmptyState compact title={t("workers.none")} hint={t("workers.noneHint")} />
              ) : (
                <ul className="t-plain">
                  {found.workers.map((one, index) => (
                    <li key={one.id}>
                      <Tag color="success">{t("workers.name", { n: index + 1 })}</Tag> {t("workers.since")} <Time value={one.started_at} clock="machine" /> · {t("workers.heard")} <Time value={one.reported_at} clock="machine" /> ·{" "}
                      {t("workers.moved", { n: formatNumber(one.lanes.reduce((sum, lane) => sum + lane.events + lane.moved, 0)) })}
                    </li>
                  ))}
                </ul>
              )}
            </section>
            <EffectDelays />
            <section className={`t-card ${styles.sheet} ${styles.wide}`}>
              <h2>{t("workers.waiting")}</h2>
              <p className={styles.lead}>{t("workers.waitingLead")}</p>
              <Waiting lanes={found.lanes} />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  );
}
