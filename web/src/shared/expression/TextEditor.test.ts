import { expect, test } from "vitest";
import type { Problem } from "./check";
import { pieces, replaced } from "./TextEditor";

const problem = (start: number, end: number, suggestion: string | null = null): Problem => ({ code: "x", start, end, line: 1, column: 1, suggestion, message: { zh: "", en: "" } });

test("places are counted in code points, so an emoji before a mistake does not shift it", () => {
  const text = "'\u{1F37C}' = citty";
  expect(pieces(text, [problem(6, 11)]).find((piece) => piece.wrong)?.text).toBe("citty");
  expect(replaced(text, problem(6, 11, "city"))).toBe("'\u{1F37C}' = city");
});

test("a mistake at the very end is still marked", () => {
  expect(pieces("a and", [problem(5, 5)]).at(-1)).toEqual({ text: " ", wrong: true });
});
