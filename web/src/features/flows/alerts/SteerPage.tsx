import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { EmptyState, Loaded } from "@/shared/states";
import { FlowFrame } from "../steer/FlowFrame";
import { Count, PeopleBehind, type Behind } from "../steer/PeopleBehind";
import styles from "../steer/Steer.module.css";
import { AlertList } from "./AlertList";
import { Failures } from "./Failures";
import { Limits } from "./Limits";
import { Suggestions } from "./Suggestions";

type Heats = Schemas["HeatsOut"];

/** Where people stand, for how long, and who. */
function Heat({ flowId, onOpen }: { flowId: string; onOpen: (block: string, state: "inside" | "failed", title: string) => void }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const query = useQuery({ queryKey: ["/flows", flowId, "heat"], queryFn: ({ signal }) => api.get<Heats>(`/flows/${flowId}/heat`, undefined, signal), staleTime: 0 });
  useLive([`flow:${flowId}`, "clock"], () => void query.refetch());
  return (
    <section id="people" className={`t-card ${styles.sheet}`}>
      <h2>{t("heat.title")}</h2>
      <p className={styles.lead}>{t("heat.lead")}</p>
      <Loaded query={query}>
        {(found) =>
          found.blocks.length === 0 ? (
            <EmptyState compact title={t("heat.none")} />
          ) : (
            <Table
              size="small"
              rowKey="block"
              pagination={false}
              scroll={{ x: true }}
              dataSource={found.blocks}
              columns={[
                { title: t("back.block"), render: (_value, one) => (one.block_label ? say(one.block_label) : one.block) },
                { title: t("heat.inside"), align: "right", render: (_value, one) => <Count value={one.inside + one.held} onOpen={() => onOpen(one.block, "inside", one.block_label ? say(one.block_label) : one.block)} /> },
                { title: t("heat.failed"), align: "right", render: (_value, one) => <Count value={one.failed} onOpen={() => onOpen(one.block, "failed", one.block_label ? say(one.block_label) : one.block)} /> },
                { title: t("heat.overdue"), align: "right", render: (_value, one) => <span className={one.overdue ? styles.fails : ""}>{formatNumber(one.overdue)}</span> },
                { title: t("heat.median"), align: "right", render: (_value, one) => t("heat.hours", { n: formatNumber(one.median_hours, 1) }) },
                { title: t("heat.longest"), align: "right", render: (_value, one) => t("heat.hours", { n: formatNumber(one.longest_hours, 1) }) },
                { title: t("heat.since"), render: (_value, one) => <Time value={one.oldest_at} /> },
              ]}
            />
          )
        }
      </Loaded>
    </section>
  );
}

/** A flow at work: warnings, stuck steps, failures by cause, what to add, what it may not exceed. */
export function SteerPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  const [behind, setBehind] = useState<Behind | null>(null);
  return (
    <FlowFrame flowId={flowId} title={t("steer.title")} lead={t("steer.lead")}>
      {(flow) => (
        <>
          <section className={`t-card ${styles.sheet}`}>
            <h2>{t("alerts.heading")}</h2>
            <AlertList flowId={flowId} />
          </section>
          <Heat flowId={flowId} onOpen={(block, state, title) => setBehind({ title, path: `/flows/${flowId}/people`, params: { block, state }, real: true })} />
          <Failures flowId={flowId} />
          <Suggestions flow={flow} />
          <Limits flowId={flowId} />
          {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
        </>
      )}
    </FlowFrame>
  );
}
