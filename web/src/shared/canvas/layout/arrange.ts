import type { Graph, Kinds, Point } from "../model";
import { BLOCK_WIDTH, GRID, WATCHED_HEIGHT, widthOf } from "../sizes";
import { columnsOf } from "./columns";
import { linksOf, ranksOf, reading } from "./ranks";
import { untangle } from "./untangle";
import { weave, type Place, type Rows } from "./weave";

const ROW_GAP = 56;
/** Above and below the tracks on which arrows run from side to side between two rows. */
const TRACKS_MARGIN = 40;
const TRACK_GAP = 12;

/** How many arrows run side by side between this row and the next, where it is most crowded. */
function crowding(row: readonly Place[], columns: ReadonlyMap<Place, number>): number {
  const spans = new Map<string, { left: number; right: number }>();
  for (const place of row) {
    for (const thread of place.down) {
      const ends = [(columns.get(place) ?? 0) + thread.lean * place.width, columns.get(thread.lower) ?? 0];
      const key = thread.lower.lane ?? thread.lower.key;
      const span = spans.get(key);
      spans.set(key, { left: Math.min(...ends, span?.left ?? Infinity), right: Math.max(...ends, span?.right ?? -Infinity) });
    }
  }
  const marks = [...spans.values()].filter((span) => span.right - span.left > 1).flatMap((span) => [
    { x: span.left, step: 1 },
    { x: span.right, step: -1 },
  ]);
  marks.sort((one, other) => one.x - other.x || other.step - one.step);
  let now = 0;
  return marks.reduce((most, mark) => Math.max(most, (now += mark.step)), 0);
}

function heights(rows: Rows, columns: ReadonlyMap<Place, number>): number[] {
  let y = 0;
  return rows.map((row) => {
    const here = y;
    const gap = Math.max(ROW_GAP, TRACKS_MARGIN + TRACK_GAP * crowding(row, columns));
    y += Math.ceil((WATCHED_HEIGHT + gap) / GRID) * GRID;
    return here;
  });
}

/**
 * A tidy place for every block, top-down: what leads to a block stands above it, ways leave in the order of their ports, few
 * arrows cross, and between the blocks of a row there is room for the arrows that pass it (see `routes`). It depends on nothing
 * but blocks and arrows, so pressing again changes nothing.
 */
export function arrange(graph: Graph, kinds: Kinds): Map<string, Point> {
  const widths = new Map(graph.blocks.map((block) => [block.id, widthOf(block, kinds)]));
  const links = linksOf(graph, kinds);
  const { order, closing } = reading(graph, kinds, links);
  const rank = ranksOf(order, links, closing);
  const rows = weave(order, rank, links, (id) => widths.get(id) ?? BLOCK_WIDTH);
  untangle(rows);
  const columns = columnsOf(rows);
  const tops = heights(rows, columns);
  const lefts = rows.flat().flatMap((place) => (place.block === null ? [] : [(columns.get(place) ?? 0) - place.width / 2]));
  const left = Math.min(...lefts);
  const result = new Map<string, Point>();
  for (const place of rows.flat()) {
    if (place.block === null) continue;
    const x = Math.round(((columns.get(place) ?? 0) - place.width / 2 - left) / GRID) * GRID;
    result.set(place.block, { x, y: tops[place.row] ?? 0 });
  }
  return result;
}
