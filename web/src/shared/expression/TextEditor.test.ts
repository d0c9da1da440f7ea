import { expect, test } from "vitest";
import type { Problem } from "./check";
import { placeIn, replaced } from "./places";

const problem = (start: number, end: number, suggestion: string | null = null): Problem => ({ code: "x", start, end, line: 1, column: 1, suggestion, message: { zh: "", en: "" } });

test("places are counted in code points, so an emoji before a mistake does not shift it", () => {
  const text = "'\u{1F37C}' = citty";
  const [from, to] = placeIn(text, problem(6, 11));
  expect(text.slice(from, to)).toBe("citty");
  expect(replaced(text, problem(6, 11, "city"))).toBe("'\u{1F37C}' = city");
});

test("a mistake at the very end is still marked", () => {
  expect(placeIn("a and", problem(5, 5))).toEqual([4, 5]);
  expect(placeIn("", problem(0, 0))).toEqual([0, 0]);
});
