import { useMemo } from "react";
import { boxesOf, pathOf, routes, type Graph, type Kinds } from "@/shared/canvas";
import { say, useLanguage } from "@/shared/i18n";
import { half } from "./api";
import styles from "./gallery.module.css";

interface Props {
  graph: Graph;
  kinds: Kinds;
  label: string;
  /** With the blocks' names; a small drawing only shows the shape. */
  worded?: boolean;
}

const AIR = 16;

/** A flow as a picture: the same places and ways as on the canvas, drawn once. */
export function Preview({ graph, kinds, label, worded = false }: Props) {
  const language = useLanguage();
  const drawn = useMemo(() => {
    const boxes = boxesOf(graph, kinds);
    const width = Math.max(...boxes.map((box) => box.x + box.width), 0) + 2 * AIR;
    const height = Math.max(...boxes.map((box) => box.y + box.height), 0) + 2 * AIR;
    return { boxes, width, height, ways: [...routes(graph, kinds).values()].map((way) => pathOf(way)) };
  }, [graph, kinds]);
  const blocks = new Map(graph.blocks.map((block) => [block.id, block]));
  return (
    <svg className={styles.preview} viewBox={`${-AIR} ${-AIR} ${drawn.width} ${drawn.height}`} role="img" aria-label={label} preserveAspectRatio="xMidYMin meet">
      {drawn.ways.map((way) => (
        <path key={way} d={way} className={styles.way} />
      ))}
      {drawn.boxes.map((box) => {
        const block = blocks.get(box.id);
        const kind = block && kinds.get(block.kind);
        const name = block?.label ? half(block.label, language) : kind ? say(kind.label, language) : "";
        return (
          <g key={box.id} data-group={kind?.group ?? "flow"} className={styles.box}>
            <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={8} />
            <rect x={box.x} y={box.y} width={10} height={box.height} rx={4} className={styles.edge} />
            {worded ? (
              <text x={box.x + box.width / 2 + 4} y={box.y + box.height / 2 + 9}>
                {name.length > 13 ? `${name.slice(0, 12)}…` : name}
              </text>
            ) : null}
          </g>
        );
      })}
    </svg>
  );
}
