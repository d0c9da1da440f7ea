import type { Place, Rows, Thread } from "./weave";

const SWEEPS = 16;
/** Sweeps without any gain after which the order is taken as settled. */
const PATIENCE = 4;

function upperKey(thread: Thread): number {
  return thread.upper.at + thread.lean * 0.9;
}

/** Crossings between a row and the next, by counting inversions. */
function crossingsBelow(row: readonly Place[]): number {
  const ends = row.flatMap((place) => place.down).sort((one, other) => upperKey(one) - upperKey(other) || one.lower.at - other.lower.at);
  const sorted: number[] = [];
  let count = 0;
  for (const { lower } of ends) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) <= lower.at) low = middle + 1;
      else high = middle;
    }
    count += sorted.length - low;
    sorted.splice(low, 0, lower.at);
  }
  return count;
}

export function crossings(rows: Rows): number {
  return rows.reduce((sum, row) => sum + crossingsBelow(row), 0);
}

function reorder(row: Place[], keyOf: (place: Place) => number | null): void {
  // Who is joined to nobody in that direction keeps its place; the others share out the places that remain.
  const keys = new Map<Place, number>();
  for (const place of row) {
    const key = keyOf(place);
    if (key !== null) keys.set(place, key);
  }
  const moving = row.filter((place) => keys.has(place)).sort((one, other) => (keys.get(one) ?? 0) - (keys.get(other) ?? 0) || one.at - other.at);
  let next = 0;
  const result = row.map((place) => (keys.has(place) ? (moving[next++] ?? place) : place));
  result.forEach((place, at) => {
    row[at] = place;
    place.at = at;
  });
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}

function sweepDown(rows: Rows): void {
  for (const row of rows.slice(1)) reorder(row, (place) => mean(place.up.map(upperKey)));
}

function sweepUp(rows: Rows): void {
  for (const row of [...rows].reverse().slice(1)) reorder(row, (place) => mean(place.down.map((thread) => thread.lower.at - thread.lean * 0.5)));
}

/** Crossings between the threads of two neighbours when `left` stands left of `right`. */
function pairCost(left: readonly number[], right: readonly number[]): number {
  let count = 0;
  for (const one of left) for (const other of right) if (one > other) count += 1;
  return count;
}

function swapIfBetter(row: Place[], at: number): boolean {
  const left = row[at];
  const right = row[at + 1];
  if (!left || !right) return false;
  const above = [left.up.map(upperKey), right.up.map(upperKey)] as const;
  const below = [left.down.map((one) => one.lower.at), right.down.map((one) => one.lower.at)] as const;
  const now = pairCost(above[0], above[1]) + pairCost(below[0], below[1]);
  const then = pairCost(above[1], above[0]) + pairCost(below[1], below[0]);
  if (then >= now) return false;
  row[at] = right;
  row[at + 1] = left;
  right.at = at;
  left.at = at + 1;
  return true;
}

function exchangeNeighbours(rows: Rows): void {
  for (let round = 0, better = true; better && round < 6; round += 1) {
    better = false;
    for (const row of rows) for (let at = 0; at < row.length - 1; at += 1) better = swapIfBetter(row, at) || better;
  }
}

/** Orders every row so that few arrows cross, and ways leave a block in the order of its ports. */
export function untangle(rows: Rows): void {
  let best = rows.map((row) => [...row]);
  let fewest = Infinity;
  for (let sweep = 0, idle = 0; sweep < SWEEPS && idle < PATIENCE && fewest > 0; sweep += 1) {
    if (sweep > 0) (sweep % 2 === 0 ? sweepUp : sweepDown)(rows);
    exchangeNeighbours(rows);
    const count = crossings(rows);
    idle += 1;
    if (count >= fewest) continue;
    fewest = count;
    idle = 0;
    best = rows.map((row) => [...row]);
  }
  best.forEach((row, index) => {
    rows[index] = row;
    row.forEach((place, at) => {
      place.at = at;
    });
  });
}
