import { Alert, Button } from "antd";
import { useMemo } from "react";
import { readingOrder, type Graph, type Kinds } from "@/shared/canvas";
import { formatNumber } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { useStats, type Action, type Flow } from "../api";
import type { BlockData } from "../editor/BlockNode";
import { nodesOf } from "../editor/nodes";
import { usePublished } from "../editor/useFlowWork";
import { ApprovalBanner } from "../life/ApprovalBanner";
import { useSwitch } from "../life/useSwitch";
import { PeopleDrawer } from "../live/PeopleDrawer";
import { iconOf } from "../look";
import { StatusTag } from "../StatusTag";
import { useKept } from "../steer/useKept";
import { useNames } from "../useNames";
import styles from "./FlowPocket.module.css";

interface Behind {
  block: string;
  title: string;
  state: "inside" | "failed";
}

const NOBODY: ReadonlySet<string> = new Set();

/** The one switch a phone offers: a running flow can be paused, a paused one goes on. Everything else wants the whole canvas. */
function Switch({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flows");
  const turn = useSwitch();
  const can = useCan();
  const action: Action | null = flow.status === "running" ? "pause" : flow.status === "paused" || flow.status === "draining" ? "resume" : null;
  if (!action || !can("flow.publish")) return null;
  return (
    <Button block size="large" type={action === "resume" ? "primary" : "default"} onClick={() => turn(flow, action)}>
      {t(`switch.${action}.go`)}
    </Button>
  );
}

function Figures({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flows");
  const counts = flow.counts;
  const shown = [
    ["entered", counts?.entered ?? 0],
    ["active", counts?.active ?? 0],
    ["done", counts?.done ?? 0],
    ["failed", counts?.failed ?? 0],
  ] as const;
  return (
    <dl className={styles.figures}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{t(`watch.${name}`)}</dt>
          <dd className="t-num">{formatNumber(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

interface LineProps {
  data: BlockData;
  ways: readonly { name: string; to: string; count: number | null }[];
  onCount: (state: "inside" | "failed") => void;
}

/** One step: what it does, how many stand there, and where its ways lead. */
function Line({ data, ways, onCount }: LineProps) {
  const { t } = useTranslation("flows");
  const { stats } = data;
  return (
    <li className={styles.step} data-group={data.group}>
      <span className={styles.icon} aria-hidden>
        {iconOf(data.kind, data.icon, data.group)}
      </span>
      <div className={styles.words}>
        <strong>{data.title}</strong>
        {data.summary || data.title !== data.kindName ? <span className={styles.faint}>{data.summary || data.kindName}</span> : null}
        {stats ? (
          <span className={styles.counts}>
            <span>{t("block.entered", { n: formatNumber(stats.entered) })}</span>
            {stats.inside > 0 ? <Button type="link" size="small" onClick={() => onCount("inside")}>{t("block.inside", { n: formatNumber(stats.inside) })}</Button> : null}
            {stats.failed > 0 ? <Button type="link" danger size="small" onClick={() => onCount("failed")}>{t("block.failed", { n: formatNumber(stats.failed) })}</Button> : null}
          </span>
        ) : null}
        {ways.length > 0 ? (
          <ul className={styles.ways}>
            {ways.map((way) => (
              <li key={way.name}>
                {t("pocket.way", { way: way.name, to: way.to })} {way.count === null ? null : <span className="t-num">{formatNumber(way.count)}</span>}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </li>
  );
}

/** A flow on a phone: its state, its numbers, its steps as a list, and the switch. Drawing wants a larger screen. */
export function FlowPocket({ flow, kinds }: { flow: Flow; kinds: Kinds }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const say = useSay();
  const names = useNames();
  const published = usePublished(flow);
  const running = flow.published !== null && flow.published !== undefined;
  const stats = useStats(flow.id, running).data ?? null;
  const [behind, setBehind] = useKept<Behind>("people");
  const graph: Graph = published ?? flow.draft;
  const nodes = useMemo(() => new Map(nodesOf(graph, kinds, NOBODY, names, { findings: [], stats, diff: null, onCount: null, watched: running }, language).map((node) => [node.id, node.data])), [graph, kinds, names, stats, running, language]);
  const order = useMemo(() => readingOrder(graph, kinds), [graph, kinds]);
  const waysOf = (id: string, data: BlockData) =>
    graph.arrows
      .filter((arrow) => arrow.from === id)
      .map((arrow) => ({ name: say(data.ports.find((port) => port.name === arrow.port)?.label) || arrow.port, to: nodes.get(arrow.to)?.title ?? "", count: stats ? (stats.blocks[id]?.ports[arrow.port] ?? 0) : null }));
  return (
    <Page title={flow.name} crumbs={[{ label: t("list.title"), to: "/flows" }]} badge={<StatusTag status={flow.status} />} lead={t("pocket.lead")}>
      {flow.approval ? <ApprovalBanner approval={flow.approval} /> : null}
      {running ? <Figures flow={flow} /> : <Alert type="info" showIcon title={t("pocket.draft")} />}
      <Switch flow={flow} />
      {order.length === 0 ? <EmptyState compact title={t("pocket.empty")} /> : null}
      <ol className={styles.steps} aria-label={t("pocket.steps")}>
        {order.map(({ block }) => {
          const data = nodes.get(block.id);
          return data ? <Line key={block.id} data={data} ways={waysOf(block.id, data)} onCount={(state) => setBehind({ block: block.id, title: data.title, state })} /> : null;
        })}
      </ol>
      {behind ? <PeopleDrawer flowId={flow.id} block={behind.block} state={behind.state} title={behind.title} onClose={() => setBehind(null)} /> : null}
    </Page>
  );
}
