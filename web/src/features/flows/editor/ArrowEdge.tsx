import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type Edge, type EdgeProps } from "@xyflow/react";
import { CloseOutlined } from "@ant-design/icons";
import { memo } from "react";
import type { Arrow } from "@/shared/canvas";
import { formatNumber, formatPercent } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import styles from "./ArrowEdge.module.css";

export interface ArrowData extends Record<string, unknown> {
  arrow: Arrow;
  count: number | null;
  share: number | null;
  change: "added" | null;
  onRemove: ((arrow: Arrow) => void) | null;
}

export type ArrowEdgeType = Edge<ArrowData, "arrow">;

/** An arrow: while editing it can be cut, while running it says how many went this way. */
export const ArrowEdge = memo(function ArrowEdge({ data, selected, markerEnd, ...edge }: EdgeProps<ArrowEdgeType>) {
  const { t } = useTranslation("flows");
  const [path, x, y] = getSmoothStepPath({
    sourceX: edge.sourceX,
    sourceY: edge.sourceY,
    sourcePosition: edge.sourcePosition,
    targetX: edge.targetX,
    targetY: edge.targetY,
    targetPosition: edge.targetPosition,
    borderRadius: 8,
  });
  const share = data?.share ?? 0;
  const { count = null, onRemove = null } = data ?? {};
  return (
    <>
      <BaseEdge
        id={edge.id}
        path={path}
        {...(markerEnd ? { markerEnd } : {})}
        style={{ strokeWidth: 1.5 + 3 * share, stroke: selected ? "var(--t-primary-text)" : "var(--t-ink-faint)", strokeDasharray: data?.change ? "6 4" : undefined }}
      />
      <EdgeLabelRenderer>
        <div className={styles.label} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
          {count === null || (count === 0 && data?.share !== null) ? null : (
            <span className={styles.count}>
              {formatNumber(count)}
              {data?.share === null || data?.share === undefined ? null : <em>{formatPercent(data.share, 0)}</em>}
            </span>
          )}
          {selected && onRemove && data ? (
            <button type="button" className={styles.remove} aria-label={t("arrow.remove")} onClick={() => onRemove(data.arrow)}>
              <CloseOutlined />
            </button>
          ) : null}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});
