import type { Link } from "./ranks";

/**
 * A place in a row of the drawing: a block, or the lane in which a long arrow passes that row. All arrows that lead into
 * one block share one lane: they end at the same point anyway, and a picture with one trunk reads better than with ten.
 */
export interface Place {
  key: string;
  row: number;
  /** Position in its row, counted from the left. */
  at: number;
  width: number;
  /** The block that stands here, or null for a lane. */
  block: string | null;
  /** For a lane: which, so that its places in all rows are known to be one line. */
  lane: string | null;
  up: Thread[];
  down: Thread[];
}

/** A join between places of neighbouring rows; `lean` is where at the upper place it leaves: -0.5 left edge, 0.5 right edge. */
export interface Thread {
  upper: Place;
  lower: Place;
  lean: number;
}

export type Rows = Place[][];

const LANE_WIDTH = 12;

class Weaving {
  readonly rows: Rows = [];
  private readonly known = new Map<string, Place>();

  place(key: string, row: number, width: number, block: string | null, lane: string | null): Place {
    const found = this.known.get(key);
    if (found) return found;
    while (this.rows.length <= row) this.rows.push([]);
    const line = this.rows[row] ?? [];
    const made: Place = { key, row, at: line.length, width, block, lane, up: [], down: [] };
    line.push(made);
    this.known.set(key, made);
    return made;
  }

  join(upper: Place, lower: Place, lean: number): void {
    if (upper.down.some((one) => one.lower === lower && one.lean === lean)) return;
    const thread = { upper, lower, lean };
    upper.down.push(thread);
    lower.up.push(thread);
  }

  get(id: string): Place | undefined {
    return this.known.get(id);
  }
}

/** A lane downwards from just below the source to just above the target, one place in every row between. */
function weaveDown(weaving: Weaving, from: Place, to: Place, lean: number): void {
  let upper = from;
  for (let row = from.row + 1; row < to.row; row += 1) {
    const lane = weaving.place(`${to.key}/${row}`, row, LANE_WIDTH, null, to.key);
    weaving.join(upper, lane, upper === from ? lean : 0);
    upper = lane;
  }
  weaving.join(upper, to, upper === from ? lean : 0);
}

/** An arrow that closes a loop: its lane runs beside the rows from the source up to the target, and one beyond at either end. */
function weaveUp(weaving: Weaving, from: Place, to: Place, lean: number): void {
  const top = Math.max(0, to.row - 1);
  let upper: Place | null = null;
  for (let row = top; row <= from.row + 1; row += 1) {
    const beyond = row < to.row || row > from.row;
    const lane = weaving.place(`${to.key}^${row}`, row, beyond ? 0 : LANE_WIDTH, null, `${to.key}^`);
    if (upper) weaving.join(upper, lane, 0);
    else if (row < to.row) weaving.join(lane, to, 0);
    upper = lane;
  }
  if (upper) weaving.join(from, upper, lean);
}

/** Rows of places joined by threads that never skip a row; the first order is that of reading. */
export function weave(order: readonly string[], rank: ReadonlyMap<string, number>, links: readonly Link[], width: (id: string) => number): Rows {
  const weaving = new Weaving();
  for (const id of order) weaving.place(id, rank.get(id) ?? 0, width(id), id, null);
  for (const link of links) {
    const from = weaving.get(link.from);
    const to = weaving.get(link.to);
    if (!from || !to) continue;
    if (to.row > from.row) weaveDown(weaving, from, to, link.share - 0.5);
    else weaveUp(weaving, from, to, link.share - 0.5);
  }
  return weaving.rows;
}
