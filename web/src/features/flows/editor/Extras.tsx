import { NodeResizer, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { Extra, Graph, Hue } from "@/shared/canvas";
import { useTranslation } from "@/shared/i18n";
import styles from "./Extras.module.css";

interface ExtraData extends Record<string, unknown> {
  text: string;
  hue: Hue;
  width: number;
  height: number;
  /** Null while the flow is only looked at. */
  onChange: ((id: string, change: Extra) => void) | null;
}

export type StickyNodeType = Node<ExtraData, "sticky">;
export type FrameNodeType = Node<ExtraData, "frame">;

const HUES: readonly Hue[] = ["yellow", "blue", "green", "pink", "grey"];

/** Stickies and frames as React Flow draws them: frames behind everything, stickies like blocks. */
export function extrasOf(graph: Graph, selected: ReadonlySet<string>, onChange: ExtraData["onChange"]): (StickyNodeType | FrameNodeType)[] {
  const shared = { draggable: onChange !== null, connectable: false };
  return [
    ...(graph.frames ?? []).map((one): FrameNodeType => ({
      ...shared,
      id: one.id,
      type: "frame",
      position: one.position,
      width: one.width,
      height: one.height,
      zIndex: -1,
      selected: selected.has(one.id),
      ariaLabel: one.title,
      // Only its title takes hold of a frame: through the rest one reaches the canvas and what stands in it.
      dragHandle: "[data-frame-title]",
      style: { pointerEvents: "none" },
      data: { text: one.title, hue: one.hue, width: one.width, height: one.height, onChange },
    })),
    ...(graph.stickies ?? []).map((one): StickyNodeType => ({
      ...shared,
      id: one.id,
      type: "sticky",
      position: one.position,
      width: one.width,
      height: one.height,
      selected: selected.has(one.id),
      ariaLabel: one.text,
      data: { text: one.text, hue: one.hue, width: one.width, height: one.height, onChange },
    })),
  ];
}

function Hues({ id, data }: { id: string; data: ExtraData }) {
  const { t } = useTranslation("flows");
  return (
    <div className={`nodrag ${styles.hues}`} role="group" aria-label={t("extra.hue")}>
      {HUES.map((hue) => (
        <button key={hue} type="button" data-hue={hue} aria-pressed={hue === data.hue} aria-label={t(`extra.${hue}`)} onClick={() => data.onChange?.(id, { hue })} />
      ))}
    </div>
  );
}

function Resizer({ id, data, selected }: { id: string; data: ExtraData; selected: boolean }) {
  return <NodeResizer isVisible={selected && data.onChange !== null} minWidth={120} minHeight={64} onResizeEnd={(_, to) => data.onChange?.(id, { position: { x: to.x, y: to.y }, width: to.width, height: to.height })} />;
}

/** A note on the canvas. Its text is written right there. */
export const StickyNode = memo(function StickyNode({ id, data, selected }: NodeProps<StickyNodeType>) {
  const { t } = useTranslation("flows");
  return (
    <div className={styles.sticky} data-hue={data.hue} data-selected={selected} style={{ width: data.width, height: data.height }}>
      <Resizer id={id} data={data} selected={selected} />
      {selected && data.onChange ? (
        <>
          <Hues id={id} data={data} />
          <textarea className={`nodrag nopan nowheel ${styles.text}`} aria-label={t("extra.sticky")} placeholder={t("extra.write")} maxLength={4000} value={data.text} onChange={(event) => data.onChange?.(id, { text: event.target.value })} />
        </>
      ) : (
        <p className={styles.text}>{data.text === "" ? t("extra.write") : data.text}</p>
      )}
    </div>
  );
});

/** A frame around blocks that belong together; taken by its title, it takes along what stands in it. */
export const FrameNode = memo(function FrameNode({ id, data, selected }: NodeProps<FrameNodeType>) {
  const { t } = useTranslation("flows");
  return (
    <div className={styles.frame} data-hue={data.hue} data-selected={selected} style={{ width: data.width, height: data.height }}>
      <Resizer id={id} data={data} selected={selected} />
      <div className={styles.title} data-frame-title>
        {selected && data.onChange ? (
          <>
            <input className="nodrag" aria-label={t("extra.frameTitle")} placeholder={t("extra.frameTitle")} maxLength={200} value={data.text} onChange={(event) => data.onChange?.(id, { title: event.target.value })} />
            <Hues id={id} data={data} />
          </>
        ) : (
          <span>{data.text === "" ? t("extra.frameTitle") : data.text}</span>
        )}
      </div>
    </div>
  );
});
