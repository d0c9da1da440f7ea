import type { Rect, Viewport } from "@xyflow/react";
import { boxesOf, type Graph, type Kinds } from "@/shared/canvas";

const MARGIN = 32;
/** Words are read with ease from the first on, and just so down to the second. */
const EASY = 0.85;
const READABLE = 0.75;

/** A flow reads from its top: it opens as large as its width allows, never so small that words vanish. */
export function openingView(bounds: Rect, board: HTMLDivElement | null): Viewport {
  const width = board?.clientWidth ?? 1;
  const height = board?.clientHeight ?? 1;
  const across = (width - 2 * MARGIN) / Math.max(bounds.width, 1);
  const fit = Math.min(across, (height - 2 * MARGIN) / Math.max(bounds.height, 1));
  const zoom = Math.min(1, Math.max(READABLE, Math.min(EASY, across), fit));
  const spare = (height - bounds.height * zoom) / 2;
  // What is wider than the board begins at its left edge: a flow must not open with its start out of sight.
  const left = Math.max(MARGIN, (width - bounds.width * zoom) / 2);
  return { zoom, x: left - bounds.x * zoom, y: Math.max(MARGIN, spare) - bounds.y * zoom };
}

/** The rectangle around all that is drawn; of an empty canvas one at its origin. */
export function boundsOf(graph: Graph, kinds: Kinds, height: number): Rect {
  const extras = [...(graph.stickies ?? []), ...(graph.frames ?? [])].map((one) => ({ ...one.position, width: one.width, height: one.height }));
  const boxes = [...boxesOf(graph, kinds, height), ...extras];
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) - x, height: Math.max(...boxes.map((box) => box.y + box.height)) - y };
}
