import { ExclamationCircleFilled, FileTextOutlined, UserOutlined, WarningFilled } from "@ant-design/icons";
import { Handle, Position, useConnection, type ConnectionState, type Node, type NodeProps } from "@xyflow/react";
import { Tooltip } from "antd";
import { memo } from "react";
import { portShare, type Port } from "@/shared/canvas";
import { formatNumber } from "@/shared/format";
import type { BlockStats } from "../api";
import { iconOf } from "../look";
import { useCanvasWords } from "./canvasWords";
import { handleWidth, type Change } from "./nodes";
import styles from "./BlockNode.module.css";

export interface BlockData extends Record<string, unknown> {
  kind: string;
  group: string;
  icon: string;
  role: string;
  title: string;
  kindName: string;
  summary: string;
  needsSetup: boolean;
  ports: readonly Port[];
  width: number;
  note: string;
  watched: boolean;
  problem: "error" | "warning" | null;
  change: Change | null;
  /** A person decides here, and nobody gets past. */
  human: boolean;
  stats: BlockStats | null;
  /** 0..1: how many of those inside the flow stand here, for the heat of stuck steps. */
  heat: number;
  onCount: ((block: string, state: "inside" | "failed") => void) | null;
}

/** The coloured left edge; ports are placed from inside it. */
const EDGE = 4;

export type BlockNodeType = Node<BlockData, "block">;

function Counts({ id, data }: { id: string; data: BlockData }) {
  const { t } = useCanvasWords();
  const { stats, onCount } = data;
  if (!stats) return null;
  return (
    <div className={styles.counts}>
      <span>{t("block.entered", { n: formatNumber(stats.entered) })}</span>
      {stats.inside > 0 ? (
        <button type="button" className={`nodrag nopan ${styles.count}`} onClick={() => onCount?.(id, "inside")}>
          {t("block.inside", { n: formatNumber(stats.inside) })}
        </button>
      ) : null}
      {stats.failed > 0 ? (
        <button type="button" className={`nodrag nopan ${styles.count} ${styles.failed}`} onClick={() => onCount?.(id, "failed")}>
          {t("block.failed", { n: formatNumber(stats.failed) })}
        </button>
      ) : null}
    </div>
  );
}

type Welcome = "yes" | "no" | null;

/** While an arrow is being drawn: may it end here? Dropping it anywhere on the block is enough. */
function welcomeOf(id: string, role: string): (connection: ConnectionState) => Welcome {
  return (connection) => {
    if (!connection.inProgress) return null;
    if (connection.fromNode.id === id) return "no";
    return role === (connection.fromHandle.type === "source" ? "start" : "end") ? "no" : "yes";
  };
}

function Ports({ data }: { data: BlockData }) {
  const { t, say } = useCanvasWords();
  const many = data.ports.length > 1;
  return data.ports.map((port, index) => {
    const left = portShare(index, data.ports.length) * data.width - EDGE;
    return (
      <div key={port.name}>
        {many ? (
          <span className={styles.port} style={{ left, maxWidth: data.width / data.ports.length }} title={say(port.label)}>
            {say(port.label)}
          </span>
        ) : null}
        <Handle type="source" id={port.name} position={Position.Bottom} className={styles.handle ?? ""} style={{ left, width: handleWidth(data.width, data.ports.length) }} title={t("block.out", { way: say(port.label) })} />
      </div>
    );
  });
}

/** One block: what it is, what it will do, how many came by. Colour only repeats what icon and words say. */
export const BlockNode = memo(function BlockNode({ id, data, selected }: NodeProps<BlockNodeType>) {
  const { t } = useCanvasWords();
  const named = data.title === data.kindName ? "" : data.kindName;
  const welcome = useConnection<BlockNodeType, Welcome>(welcomeOf(id, data.role));
  const line = data.summary || (data.needsSetup ? t("block.notConfigured") : named);
  return (
    <div
      className={styles.block}
      data-group={data.group}
      data-selected={selected}
      data-problem={data.problem}
      data-change={data.change}
      data-many={data.ports.length > 1}
      data-watched={data.watched}
      data-welcome={welcome}
      style={{ width: data.width, ...(data.heat > 0 ? { ["--heat" as string]: data.heat } : {}) }}
    >
      {data.role === "start" ? null : <Handle type="target" position={Position.Top} className={`${styles.handle} ${styles.entrance}`} style={{ ["--middle" as string]: `${data.width / 2 - EDGE}px` }} title={t("block.in")} />}
      <span className={styles.icon} aria-hidden>
        {iconOf(data.kind, data.icon, data.group)}
      </span>
      <div className={styles.text}>
        <div className={styles.title} title={data.title}>
          {data.title}
        </div>
        <div className={styles.summary} title={data.summary}>
          {line}
        </div>
      </div>
      <span className={styles.marks}>
      {data.human ? <UserOutlined className={styles.human} aria-label={t("block.human")} /> : null}
      {data.note ? (
        <Tooltip title={data.note}>
          <FileTextOutlined className={styles.note} aria-label={t("block.note", { note: data.note })} />
        </Tooltip>
      ) : null}
      {data.problem === "error" ? <ExclamationCircleFilled className={styles.error} aria-label={t("problem.error")} /> : null}
      {data.problem === "warning" ? <WarningFilled className={styles.warning} aria-label={t("problem.warning")} /> : null}
      </span>
      {data.change && data.change !== "moved" ? <span className={styles.change} data-change={data.change}>{t(`change.${data.change}`)}</span> : null}
      <Counts id={id} data={data} />
      <Ports data={data} />
    </div>
  );
});
