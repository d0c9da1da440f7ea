import { useQuery } from "@tanstack/react-query";
import { Alert, Table } from "antd";
import { useParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, formatPercent, Percent } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Loaded } from "@/shared/states";
import type { Flow } from "../api";
import { FlowFrame } from "../steer/FlowFrame";
import { Count, PeopleBehind, type Behind } from "../steer/PeopleBehind";
import { useKept } from "../steer/useKept";
import styles from "../steer/Steer.module.css";
import { useCalled } from "../useCalled";
import { Compare } from "./Compare";
import { Split } from "./Split";
import { Range } from "./Range";

type Results = Schemas["ResultsOut"];

function Uplift({ flow, results, onOpen }: { flow: Flow; results: Results; onOpen: (params: Record<string, string>, title: string) => void }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const { treated, control, control_block: block, uplift } = results;
  const behind = (what: string, port: string): Record<string, string> => (block === null ? { what } : { what: "passed", block, port });
  return (
    <section className={`t-card ${styles.sheet}`}>
      <h2>{t("results.uplift")}</h2>
      <dl className={styles.figures} style={{ marginTop: 12 }}>
        <div className={styles.figure}>
          <dt>{t("results.treated")}</dt>
          <dd>{flow.has_goal === false ? t("results.noGoal") : <Percent value={treated.rate} />}</dd>
          <span className={styles.small}>
            {block === null ? <Count value={treated.converted} onOpen={() => onOpen({ what: "converted" }, t("results.converted"))} /> : formatNumber(treated.converted)} / <Count value={treated.entered} onOpen={() => onOpen(behind("entered", "treated"), t("results.treated"))} />
          </span>
        </div>
        <div className={styles.figure}>
          <dt>{t("results.control")}</dt>
          <dd>
            <Percent value={control.rate} />
          </dd>
          <span className={styles.small}>
            {formatNumber(control.converted)} / <Count value={control.entered} onOpen={() => onOpen(behind("control", "held_out"), t("results.control"))} />
          </span>
        </div>
        {uplift && uplift.difference !== null ? (
          <div className={styles.figure}>
            <dt>{t("results.difference")}</dt>
            <dd>{t("results.points", { n: (uplift.difference * 100).toFixed(1) })}</dd>
            <span className={styles.small}>{uplift.gained === null ? "" : t("results.gained", { n: formatNumber(Math.round(uplift.gained)) })}</span>
          </div>
        ) : null}
      </dl>
      {uplift ? <p className={styles.lead}>{say(uplift.said)}</p> : <p className={styles.lead}>{t("results.noControl")}</p>}
      {uplift ? <Range comparison={uplift} /> : null}
    </section>
  );
}

function Splits({ flow, results, onOpen }: { flow: Flow; results: Results; onOpen: (block: string, port: string, title: string) => void }) {
  const { block: nameOf } = useCalled(flow.draft);
  // What keeps the control group out is told at the top, and is no test of one way against another.
  return results.splits.filter((split) => split.block !== results.control_block).map((split) => (
    <Split key={split.block} flowId={flow.id} title={nameOf(split.block, split.label)} split={split} running={flow.status === "running"} onOpen={(port, title) => onOpen(split.block, port, title)} />
  ));
}

function Blocks({ flow, results, onOpen }: { flow: Flow; results: Results; onOpen: (block: string, title: string) => void }) {
  const { t } = useTranslation("steer");
  const { block: nameOf } = useCalled(flow.draft);
  return (
    <section className={`t-card ${styles.sheet}`}>
      <h2>{t("results.blocks")}</h2>
      <p className={styles.lead}>{t("results.blocksLead")}</p>
      <Table
        size="small"
        rowKey="block"
        pagination={false}
        scroll={{ x: true }}
        dataSource={results.blocks}
        columns={[
          { title: t("back.block"), render: (_value, one) => nameOf(one.block, one.label) },
          { title: t("results.left"), align: "right", render: (_value, one) => <Count value={one.passed} onOpen={() => onOpen(one.block, nameOf(one.block, one.label))} /> },
          { title: t("results.converted"), align: "right", render: (_value, one) => (flow.has_goal === false ? "—" : formatNumber(one.converted)) },
          { title: t("results.rate"), align: "right", render: (_value, one) => <Percent value={flow.has_goal === false ? null : one.rate} /> },
          { title: t("results.interval"), align: "right", render: (_value, one) => (one.interval && flow.has_goal !== false ? `${formatPercent(one.interval[0], 1)} – ${formatPercent(one.interval[1], 1)}` : "—") },
        ]}
      />
    </section>
  );
}

/** What came of a flow: against the control group, by arm, by block, and side by side. */
export function ResultsPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  const [behind, setBehind] = useKept<Behind>("behind");
  const query = useQuery({ queryKey: ["/flows", flowId, "results"], queryFn: ({ signal }) => api.get<Results>(`/flows/${flowId}/results`, undefined, signal), staleTime: 0 });
  const open = (title: string, params: Record<string, string>) => setBehind({ title, path: `/flows/${flowId}/counted`, params, real: true });
  return (
    <FlowFrame flowId={flowId} title={t("results.title")} lead={t("results.lead")}>
      {(flow) => (
        <>
          <Loaded query={query}>
            {(results) => (
              <>
                {flow.has_goal === false ? <Alert type="info" showIcon style={{ marginBottom: 16 }} title={t("results.noGoalHint")} /> : null}
                <Uplift flow={flow} results={results} onOpen={(params, title) => open(title, params)} />
                <Splits flow={flow} results={results} onOpen={(block, port, title) => open(title, { what: "passed", block, port })} />
                <Blocks flow={flow} results={results} onOpen={(block, title) => open(title, { what: "passed", block })} />
              </>
            )}
          </Loaded>
          <Compare flow={flow} />
          {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
        </>
      )}
    </FlowFrame>
  );
}
