import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useEffect } from "react";
import { useLocation, useParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { EmptyState, Loaded } from "@/shared/states";
import type { Flow } from "../api";
import { FlowFrame } from "../steer/FlowFrame";
import { Count, PeopleBehind, type Behind } from "../steer/PeopleBehind";
import { useKept } from "../steer/useKept";
import styles from "../steer/Steer.module.css";
import { useCalled } from "../useCalled";
import { AlertList } from "./AlertList";
import { Failures } from "./Failures";
import { Limits } from "./Limits";
import { Suggestions } from "./Suggestions";

type Heats = Schemas["HeatsOut"];

/** Where people stand, for how long, and who. */
function Heat({ flow, onOpen }: { flow: Flow; onOpen: (block: string, state: "inside" | "failed", title: string) => void }) {
  const { t } = useTranslation("steer");
  const { block: nameOf } = useCalled(flow.draft);
  const flowId = flow.id;
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
                { title: t("back.block"), render: (_value, one) => nameOf(one.block, one.block_label) },
                { title: t("heat.inside"), align: "right", render: (_value, one) => <Count value={one.inside + one.held} onOpen={() => onOpen(one.block, "inside", nameOf(one.block, one.block_label))} /> },
                { title: t("heat.failed"), align: "right", render: (_value, one) => <Count value={one.failed} onOpen={() => onOpen(one.block, "failed", nameOf(one.block, one.block_label))} /> },
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

/** A remedy leads to its part of the page, which is there once the flow is. */
function useAskedPart(): void {
  const { hash } = useLocation();
  useEffect(() => {
    if (hash) document.getElementById(hash.slice(1))?.scrollIntoView({ block: "start" });
  }, [hash]);
}

function Rooms({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const [behind, setBehind] = useKept<Behind>("behind");
  useAskedPart();
  return (
    <>
      <section className={`t-card ${styles.sheet}`}>
        <h2>{t("alerts.heading")}</h2>
        <AlertList flowId={flow.id} />
      </section>
      <Heat flow={flow} onOpen={(block, state, title) => setBehind({ title, path: `/flows/${flow.id}/people`, params: { block, state }, real: true })} />
      <Failures flow={flow} />
      <Suggestions flow={flow} />
      <Limits flowId={flow.id} />
      {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
    </>
  );
}

/** A flow at work: warnings, stuck steps, failures by cause, what to add, what it may not exceed. */
export function SteerPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  return (
    <FlowFrame flowId={flowId} title={t("steer.title")} lead={t("steer.lead")}>
      {(flow) => <Rooms flow={flow} />}
    </FlowFrame>
  );
}
