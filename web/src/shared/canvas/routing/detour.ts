import type { Point } from "../model";
import type { Ground } from "./ground";

const BEND = 60;
const MARGIN = 18;
const VISITS_MAX = 6_000;

interface Visit {
  x: number;
  y: number;
  upright: boolean;
  cost: number;
  hope: number;
  before: Visit | null;
}

function near(values: readonly number[], one: number, other: number, reach: number): number[] {
  const low = Math.min(one, other) - reach;
  const high = Math.max(one, other) + reach;
  return [...new Set([...values.filter((value) => value >= low && value <= high), one, other])].sort((a, b) => a - b);
}

class Frontier {
  private readonly heap: Visit[] = [];

  push(visit: Visit): void {
    const heap = this.heap;
    heap.push(visit);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if ((heap[parent]?.hope ?? 0) <= visit.hope) break;
      [heap[at], heap[parent]] = [heap[parent] ?? visit, visit];
      at = parent;
    }
  }

  pop(): Visit | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const smaller = (heap[right]?.hope ?? Infinity) < (heap[left]?.hope ?? Infinity) ? right : left;
      const child = heap[smaller];
      if (!child || child.hope >= last.hope) break;
      heap[at] = child;
      heap[smaller] = last;
      at = smaller;
    }
    return first;
  }
}

function trail(last: Visit): Point[] {
  const points: Point[] = [];
  for (let at: Visit | null = last; at; at = at.before) points.unshift({ x: at.x, y: at.y });
  return points;
}

/**
 * The shortest way with few bends along the sides of the blocks, for drawings by hand in which no row is free from side to
 * side. Null when there is none, or when looking for it would take too long to be drawn at once.
 */
export function detour(ground: Ground, from: Point, to: Point): Point[] | null {
  const sides = ground.sides(MARGIN);
  const xs = near(sides.xs, from.x, to.x, 640);
  const ys = near(sides.ys, from.y, to.y, 480);
  const frontier = new Frontier();
  const done = new Set<string>();
  const hope = (x: number, y: number) => Math.abs(x - to.x) + Math.abs(y - to.y);
  frontier.push({ ...from, upright: true, cost: 0, hope: hope(from.x, from.y), before: null });
  for (let visits = 0; visits < VISITS_MAX; visits += 1) {
    const here = frontier.pop();
    if (!here) return null;
    if (here.x === to.x && here.y === to.y) return trail(here);
    const key = `${here.x} ${here.y} ${here.upright}`;
    if (done.has(key)) continue;
    done.add(key);
    const column = xs.indexOf(here.x);
    const row = ys.indexOf(here.y);
    for (const [x, y] of [[xs[column - 1], here.y], [xs[column + 1], here.y], [here.x, ys[row - 1]], [here.x, ys[row + 1]]] as const) {
      if (x === undefined || y === undefined || ground.blocked(here, { x, y })) continue;
      const upright = x === here.x;
      const cost = here.cost + Math.abs(x - here.x) + Math.abs(y - here.y) + (upright === here.upright ? 0 : BEND);
      frontier.push({ x, y, upright, cost, hope: cost + hope(x, y), before: here });
    }
  }
  return null;
}
