import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, Position, type Edge, type EdgeProps } from "@xyflow/react";
import { CloseOutlined } from "@ant-design/icons";
import { memo } from "react";
import { middleOf, pathOf, type Arrow, type Point } from "@/shared/canvas";
import { formatNumber, formatPercent } from "@/shared/format";
import { useCanvasWords } from "./canvasWords";
import { sameData } from "./sameData";
import styles from "./ArrowEdge.module.css";

export interface ArrowData extends Record<string, unknown> {
  arrow: Arrow;
  count: number | null;
  share: number | null;
  change: "added" | "removed" | null;
  onRemove: ((arrow: Arrow) => void) | null;
  /** Where it runs while its blocks stand where the drawing has them. */
  way: Point[] | null;
}

export type ArrowEdgeType = Edge<ArrowData, "arrow">;

const HANDLE = 12;
const HEAD = 3;

interface Course {
  path: string;
  middle: Point;
  /** Just below the port: where the count of this way is written. */
  root: Point;
}

/** The way around the blocks; while a block is being dragged its arrows follow the pointer the simple way. */
function courseOf(way: Point[] | null, edge: Pick<EdgeProps, "sourceX" | "sourceY" | "targetX" | "targetY">): Course {
  const first = way?.[0];
  const last = way?.at(-1);
  const root = { x: edge.sourceX, y: edge.sourceY + 4 };
  const still = first && last && Math.abs(first.x - edge.sourceX) < 1.5 && Math.abs(first.y + HANDLE - edge.sourceY) < 3 && Math.abs(last.x - edge.targetX) < 26 && Math.abs(last.y - HANDLE - edge.targetY) < 3;
  if (way && still) {
    const drawn = [...way.slice(0, -1), { x: last.x, y: last.y - HEAD }];
    return { path: pathOf(drawn), middle: middleOf(drawn), root };
  }
  const [path, x, y] = getSmoothStepPath({ ...edge, sourceY: edge.sourceY - HANDLE, targetY: edge.targetY + HANDLE - HEAD, sourcePosition: Position.Bottom, targetPosition: Position.Top, borderRadius: 8 });
  return { path, middle: { x, y }, root };
}

/** An arrow: while editing it can be cut, while running it says how many went this way. */
function Drawn({ data, selected, markerEnd, ...edge }: EdgeProps<ArrowEdgeType>) {
  const { t } = useCanvasWords();
  const { path, middle, root } = courseOf(data?.way ?? null, edge);
  const share = data?.share ?? 0;
  const { count = null, onRemove = null } = data ?? {};
  return (
    <>
      <BaseEdge
        id={edge.id}
        path={path}
        {...(markerEnd ? { markerEnd } : {})}
        style={{ strokeWidth: selected ? 3 : 1.5 + 2.5 * share, stroke: selected ? "var(--t-primary-text)" : data?.change === "removed" ? "var(--t-danger)" : data?.change === "added" ? "var(--t-success)" : "var(--t-ink-faint)", strokeDasharray: data?.change ? "6 4" : undefined, opacity: data?.change === "removed" ? 0.55 : undefined }}
      />
      {count === null || count === 0 ? null : (
        <EdgeLabelRenderer>
          <div className={styles.label} style={{ transform: `translate(-50%, -50%) translate(${root.x}px, ${root.y}px)` }}>
            <span className={styles.count}>
              {formatNumber(count)}
              {data?.share === null || data?.share === undefined || data.share === 1 ? null : <em>{formatPercent(data.share, 0)}</em>}
            </span>
          </div>
        </EdgeLabelRenderer>
      )}
      {selected && onRemove && data ? (
        <EdgeLabelRenderer>
          <div className={styles.label} style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}>
            <button type="button" className={styles.remove} aria-label={t("arrow.remove")} onClick={() => onRemove(data.arrow)}>
              <CloseOutlined />
            </button>
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}

const PLACE = ["id", "selected", "sourceX", "sourceY", "targetX", "targetY", "markerEnd"] as const;

/** The list of arrows is made anew with every edit; one that says and runs the same is not drawn again. */
export const ArrowEdge = memo(Drawn, (one, other) => PLACE.every((name) => one[name] === other[name]) && sameData(one.data, other.data));
