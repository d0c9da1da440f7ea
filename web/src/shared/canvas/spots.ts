import type { Graph, Kinds, Point } from "./model";
import { BLOCK_HEIGHT, BLOCK_WIDTH, boxesOf, snap } from "./sizes";

/** From the top of one row to the top of the next, when a block is put below another. */
export const ROW = 168;
const ASIDE = BLOCK_WIDTH + 40;
const AIR = 24;

/** The wanted place, or the nearest to its right where a new block covers no other. */
export function freeSpot(graph: Graph, kinds: Kinds, wanted: Point): Point {
  const boxes = boxesOf(graph, kinds);
  const taken = ({ x, y }: Point) => boxes.some((box) => x < box.x + box.width + AIR && box.x < x + BLOCK_WIDTH + AIR && y < box.y + box.height + AIR && box.y < y + BLOCK_HEIGHT + AIR);
  let spot = snap(wanted);
  for (let tries = 0; tries < 40 && taken(spot); tries += 1) spot = { x: spot.x + ASIDE, y: spot.y };
  return spot;
}

export type Alignment = "left" | "top" | "spread";

/** Sets several blocks in line: their left edges, their tops, or the same distance from one to the next downwards. */
export function aligned(graph: Graph, ids: ReadonlySet<string>, how: Alignment): Map<string, Point> {
  const blocks = graph.blocks.filter((block) => ids.has(block.id));
  const xs = blocks.map((block) => block.position.x);
  const ys = blocks.map((block) => block.position.y);
  if (how === "left") return new Map(blocks.map((block) => [block.id, { x: Math.min(...xs), y: block.position.y }]));
  if (how === "top") return new Map(blocks.map((block) => [block.id, { x: block.position.x, y: Math.min(...ys) }]));
  const order = [...blocks].sort((one, other) => one.position.y - other.position.y);
  const step = Math.max((Math.max(...ys) - Math.min(...ys)) / Math.max(order.length - 1, 1), BLOCK_HEIGHT + AIR);
  return new Map(order.map((block, index) => [block.id, { x: block.position.x, y: Math.min(...ys) + index * step }]));
}
