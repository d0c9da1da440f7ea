import type { Place, Rows, Thread } from "./weave";

/**
 * Where each place stands from left to right, after Brandes and Köpf (Fast and Simple Horizontal Coordinate Assignment, 2001):
 * four drawings, each pressed to one corner, in which as many joined places as possible stand under one another; the result is
 * the mean of the middle two. Lanes come out straight, blocks stand over the middle of what they lead to.
 */
const BLOCK_GAP = 40;
const LANE_GAP = 20;
/** Beside the end of a lane that only leads to the row above or below. */
const BEYOND_GAP = 8;

type Columns = Map<Place, number>;
type Neighbours = (place: Place) => Place[];

function gap(left: Place, right: Place): number {
  const beyond = left.width === 0 || right.width === 0;
  const space = left.block !== null && right.block !== null ? BLOCK_GAP : LANE_GAP;
  return (left.width + right.width) / 2 + (beyond ? BEYOND_GAP : space);
}

function isInner(thread: Thread): boolean {
  return thread.upper.lane !== null && thread.upper.lane === thread.lower.lane;
}

/** Threads that cross a lane must not bend it: the lane has precedence. */
function conflicts(rows: Rows): Set<Thread> {
  const found = new Set<Thread>();
  for (const row of rows) {
    const inner = row.flatMap((place) => place.down.filter(isInner));
    if (inner.length === 0) continue;
    for (const place of row) {
      for (const thread of place.down) {
        if (isInner(thread)) continue;
        const crossed = inner.some((one) => (one.upper.at - thread.upper.at) * (one.lower.at - thread.lower.at) < 0);
        if (crossed) found.add(thread);
      }
    }
  }
  return found;
}

interface Aligned {
  root: Map<Place, Place>;
  next: Map<Place, Place>;
}

function medians(list: readonly Place[]): Place[] {
  const low = list[Math.floor((list.length - 1) / 2)];
  const high = list[Math.ceil((list.length - 1) / 2)];
  return low && high ? [low, high] : [];
}

function align(rows: Rows, neighbours: Neighbours): Aligned {
  const root = new Map<Place, Place>();
  const next = new Map<Place, Place>();
  const position = new Map<Place, number>();
  for (const row of rows) {
    row.forEach((place, at) => {
      root.set(place, place);
      next.set(place, place);
      position.set(place, at);
    });
  }
  for (const row of rows) {
    let last = -1;
    for (const place of row) {
      const near = neighbours(place).sort((one, other) => (position.get(one) ?? 0) - (position.get(other) ?? 0));
      for (const other of medians(near)) {
        const at = position.get(other) ?? 0;
        if (next.get(place) !== place || at <= last) continue;
        next.set(other, place);
        const top = root.get(other) ?? other;
        root.set(place, top);
        next.set(place, top);
        last = at;
      }
    }
  }
  return { root, next };
}

/** Presses the columns of aligned places to the left as far as the distances allow, then back towards what they are joined to. */
function compact(rows: Rows, { root }: Aligned): Columns {
  const after = new Map<Place, Map<Place, number>>();
  const waiting = new Map<Place, number>();
  for (const one of root.values()) {
    if (!after.has(one)) after.set(one, new Map());
  }
  for (const row of rows) {
    row.forEach((place, at) => {
      const right = row[at + 1];
      const from = root.get(place);
      const to = right && root.get(right);
      if (!right || !from || !to) return;
      const steps = after.get(from);
      if (steps && !steps.has(to)) waiting.set(to, (waiting.get(to) ?? 0) + 1);
      steps?.set(to, Math.max(steps.get(to) ?? 0, gap(place, right)));
    });
  }
  const order = [...after.keys()].filter((one) => !waiting.get(one));
  const x = new Map<Place, number>(order.map((one) => [one, 0]));
  for (const one of order) {
    for (const [to, distance] of after.get(one) ?? []) {
      x.set(to, Math.max(x.get(to) ?? 0, (x.get(one) ?? 0) + distance));
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  for (const one of [...order].reverse()) {
    const room = Math.min(...[...(after.get(one) ?? [])].map(([to, distance]) => (x.get(to) ?? 0) - distance));
    if (Number.isFinite(room)) x.set(one, Math.max(x.get(one) ?? 0, room));
  }
  return new Map([...root].map(([place, top]) => [place, x.get(top) ?? 0]));
}

function neighboursIn(direction: "up" | "down", barred: ReadonlySet<Thread>): Neighbours {
  return (place) => {
    const threads = (direction === "up" ? place.up : place.down).filter((one) => !barred.has(one));
    const inner = threads.filter(isInner);
    const chosen = inner.length > 0 ? inner : threads;
    return [...new Set(chosen.map((one) => (direction === "up" ? one.upper : one.lower)))];
  };
}

function mirrored(columns: Columns): Columns {
  return new Map([...columns].map(([place, x]) => [place, -x]));
}

function edges(columns: Columns): { left: number; right: number } {
  let left = Infinity;
  let right = -Infinity;
  for (const [place, x] of columns) {
    left = Math.min(left, x - place.width / 2);
    right = Math.max(right, x + place.width / 2);
  }
  return { left, right };
}

/** The centre of every place. */
export function columnsOf(rows: Rows): Columns {
  const barred = conflicts(rows);
  const drawings: { columns: Columns; pressed: "left" | "right" }[] = [];
  for (const direction of ["up", "down"] as const) {
    const ordered = direction === "up" ? rows : [...rows].reverse();
    const near = neighboursIn(direction, barred);
    drawings.push({ columns: compact(ordered, align(ordered, near)), pressed: "left" });
    const turned = ordered.map((row) => [...row].reverse());
    drawings.push({ columns: mirrored(compact(turned, align(turned, near))), pressed: "right" });
  }
  const spans = drawings.map(({ columns }) => edges(columns));
  const narrowest = spans.reduce((best, one) => (one.right - one.left < best.right - best.left ? one : best));
  const shifts = drawings.map(({ pressed }, index) => {
    const span = spans[index] ?? narrowest;
    return pressed === "left" ? narrowest.left - span.left : narrowest.right - span.right;
  });
  const result: Columns = new Map();
  for (const place of rows.flat()) {
    const four = drawings.map(({ columns }, index) => (columns.get(place) ?? 0) + (shifts[index] ?? 0)).sort((one, other) => one - other);
    result.set(place, ((four[1] ?? 0) + (four[2] ?? 0)) / 2);
  }
  return result;
}
