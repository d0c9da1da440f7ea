import { BLOCK_HEIGHT, BLOCK_WIDTH, snap } from "./edits";
import { portsOf, type Graph, type Kinds, type Point } from "./model";

const ROW_GAP = 72;
const COLUMN_GAP = 40;

type Edges = ReadonlyMap<string, readonly string[]>;

/** Where each block leads, in the order of its ports, so that the first way stays on the left. */
function onward(graph: Graph, kinds: Kinds): Edges {
  const edges = new Map<string, string[]>();
  for (const block of graph.blocks) {
    const order = portsOf(kinds.get(block.kind), block.config).map((port) => port.name);
    const arrows = graph.arrows.filter((arrow) => arrow.from === block.id);
    arrows.sort((one, other) => order.indexOf(one.port) - order.indexOf(other.port));
    edges.set(block.id, [...new Set(arrows.map((arrow) => arrow.to))]);
  }
  return edges;
}

/** Arrows that close a loop are left out of the ranking, found by a depth-first walk from the starts. */
function withoutLoops(roots: readonly string[], edges: Edges): Map<string, string[]> {
  const kept = new Map<string, string[]>();
  const state = new Map<string, "open" | "done">();
  const walk = (id: string): void => {
    state.set(id, "open");
    kept.set(id, []);
    for (const next of edges.get(id) ?? []) {
      if (state.get(next) === "open") continue;
      kept.get(id)?.push(next);
      if (!state.has(next)) walk(next);
    }
    state.set(id, "done");
  };
  for (const root of roots) if (!state.has(root)) walk(root);
  return kept;
}

/** A block stands one row below the lowest block that leads to it. */
function rank(edges: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const rows = new Map<string, number>();
  const before = new Map<string, string[]>();
  for (const [from, targets] of edges) for (const to of targets) before.set(to, [...(before.get(to) ?? []), from]);
  const rowOf = (id: string): number => {
    const known = rows.get(id);
    if (known !== undefined) return known;
    const row = Math.max(-1, ...(before.get(id) ?? []).map(rowOf)) + 1;
    rows.set(id, row);
    return row;
  };
  for (const id of edges.keys()) rowOf(id);
  return rows;
}

/** Leaves take the next free column, parents stand over the middle of what they lead to. */
function columns(roots: readonly string[], edges: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const places = new Map<string, number>();
  let free = 0;
  const place = (id: string): number => {
    const known = places.get(id);
    if (known !== undefined) return known;
    places.set(id, free);
    const below = (edges.get(id) ?? []).filter((next) => !places.has(next)).map(place);
    const middle = below.length > 0 ? (Math.min(...below) + Math.max(...below)) / 2 : free++;
    places.set(id, middle);
    return middle;
  };
  for (const root of roots) place(root);
  return places;
}

/** Two blocks of one row may claim one place; the later one moves right. */
function spread(rows: ReadonlyMap<string, number>, places: Map<string, number>): void {
  const byRow = new Map<number, string[]>();
  for (const [id, row] of rows) byRow.set(row, [...(byRow.get(row) ?? []), id]);
  for (const ids of byRow.values()) {
    ids.sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
    let last = -Infinity;
    for (const id of ids) {
      last = Math.max(places.get(id) ?? 0, last + 1);
      places.set(id, last);
    }
  }
}

/** A tidy top-down place for every block. The same graph always gives the same picture. */
export function arrange(graph: Graph, kinds: Kinds): Map<string, Point> {
  const edges = onward(graph, kinds);
  const targets = new Set([...edges.values()].flat());
  const starts = graph.blocks.filter((block) => kinds.get(block.kind)?.role === "start" || !targets.has(block.id));
  const roots = [...new Set([...starts.map((block) => block.id), ...graph.blocks.map((block) => block.id)])];
  const tree = withoutLoops(roots, edges);
  const rows = rank(tree);
  const places = columns(roots, tree);
  spread(rows, places);
  const result = new Map<string, Point>();
  for (const block of graph.blocks) {
    const x = (places.get(block.id) ?? 0) * (BLOCK_WIDTH + COLUMN_GAP);
    const y = (rows.get(block.id) ?? 0) * (BLOCK_HEIGHT + ROW_GAP);
    result.set(block.id, snap({ x, y }));
  }
  return result;
}
