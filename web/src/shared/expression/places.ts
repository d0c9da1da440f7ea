import type { Problem } from "./check";

/** A problem's place in UTF-16 units, as editors count; the server counts code points, in which an emoji is one. */
export function placeIn(text: string, { start, end }: Pick<Problem, "start" | "end">): [number, number] {
  const points = Array.from(text);
  const length = (count: number) => points.slice(0, count).join("").length;
  const from = Math.min(length(start), text.length);
  const to = Math.min(length(Math.max(end, start + 1)), text.length);
  // At the very end there is nothing to underline: the last character stands in.
  return from === to ? [Math.max(0, from - 1), to] : [from, to];
}

export function replaced(text: string, problem: Problem): string {
  const points = Array.from(text);
  return [...points.slice(0, problem.start), problem.suggestion ?? "", ...points.slice(problem.end)].join("");
}
