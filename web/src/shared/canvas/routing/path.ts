import type { Point } from "../model";

/** Leaves out points that lie on a straight line between their neighbours. */
export function straightened(points: readonly Point[]): Point[] {
  const result: Point[] = [];
  for (const point of points) {
    const last = result.at(-1);
    const before = result.at(-2);
    if (last && Math.abs(last.x - point.x) < 0.01 && Math.abs(last.y - point.y) < 0.01) continue;
    if (last && before && ((before.x === last.x && last.x === point.x) || (before.y === last.y && last.y === point.y))) result.pop();
    result.push(point);
  }
  return result;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  return { x: from.x + ((to.x - from.x) / length) * distance, y: from.y + ((to.y - from.y) / length) * distance };
}

/** An SVG path along the points, its corners rounded. */
export function pathOf(points: readonly Point[], radius = 8): string {
  const [start, ...rest] = points;
  if (!start) return "";
  const parts = [`M ${start.x} ${start.y}`];
  rest.forEach((point, index) => {
    const before = points[index] ?? start;
    const after = rest[index + 1];
    if (!after) {
      parts.push(`L ${point.x} ${point.y}`);
      return;
    }
    const space = Math.min(radius, Math.hypot(point.x - before.x, point.y - before.y) / 2, Math.hypot(after.x - point.x, after.y - point.y) / 2);
    const into = towards(point, before, space);
    const out = towards(point, after, space);
    parts.push(`L ${into.x} ${into.y} Q ${point.x} ${point.y} ${out.x} ${out.y}`);
  });
  return parts.join(" ");
}

/** The middle of the longest stretch: where something may be written on an arrow. */
export function middleOf(points: readonly Point[]): Point {
  let best = { x: points[0]?.x ?? 0, y: points[0]?.y ?? 0 };
  let longest = -1;
  points.slice(1).forEach((point, index) => {
    const before = points[index] ?? point;
    const length = Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
    if (length <= longest) return;
    longest = length;
    best = { x: (before.x + point.x) / 2, y: (before.y + point.y) / 2 };
  });
  return best;
}
