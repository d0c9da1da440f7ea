import { useQuery } from "@tanstack/react-query";
import { Segmented, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import styles from "../steer/Steer.module.css";
import { AlertList } from "./AlertList";
import { Limits } from "./Limits";

type Fights = Schemas["FightsOut"];

function Conflicts() {
  const { t } = useTranslation("steer");
  const query = useQuery({ queryKey: ["/flow-conflicts"], queryFn: ({ signal }) => api.get<Fights>("/flow-conflicts", { days: "30" }, signal) });
  return (
    <section className={`t-card ${styles.sheet}`}>
      <h2>{t("fights.title")}</h2>
      <p className={styles.lead}>{t("fights.lead")}</p>
      <Loaded query={query}>
        {(found) =>
          found.fights.length === 0 ? (
            <EmptyState compact title={t("fights.none")} />
          ) : (
            <Table
              size="small"
              rowKey={(one) => one.flow_id + one.other_id}
              pagination={false}
              scroll={{ x: true }}
              dataSource={found.fights}
              columns={[
                { title: t("fights.flow"), render: (_value, one) => <Link to={`/flows/${one.flow_id}`}>{one.flow}</Link> },
                { title: t("fights.other"), render: (_value, one) => <Link to={`/flows/${one.other_id}`}>{one.other}</Link> },
                { title: t("fights.times"), align: "right", render: (_value, one) => formatNumber(one.times) },
                { title: t("fights.customers"), align: "right", render: (_value, one) => formatNumber(one.customers) },
                { title: t("fights.both"), align: "right", render: (_value, one) => formatNumber(one.both) },
              ]}
            />
          )
        }
      </Loaded>
    </section>
  );
}

/** Early warnings of all flows, and flows that stand in each other's way. */
export function AlertsPage() {
  const { t } = useTranslation("steer");
  const [state, setState] = useState<"open" | "closed">("open");
  return (
    <Page title={t("alerts.title")} lead={t("alerts.lead")} crumbs={[{ label: t("tabs.flows"), to: "/flows" }]}>
      <section className={`t-card ${styles.sheet}`}>
        <div className={styles.head}>
          <h2>{t("alerts.heading")}</h2>
          <Segmented aria-label={t("alerts.heading")} value={state} onChange={setState} options={(["open", "closed"] as const).map((one) => ({ value: one, label: t(`alerts.${one}`) }))} />
        </div>
        <AlertList state={state} />
      </section>
      <Conflicts />
      <Limits />
    </Page>
  );
}
