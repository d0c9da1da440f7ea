import { expect, test } from "vitest";
import { fileName, fitted } from "./draw";

test("a name is as large as its room lets it be, and never too small to read", () => {
  expect(fitted(300, 984)).toBe(64);
  expect(fitted(1968, 984)).toBe(32);
  expect(fitted(100_000, 984)).toBe(20);
});

test("a file is called what a disk can hold", () => {
  expect(fileName("抖音/主页 A", "png")).toBe("抖音 主页 A.png");
  expect(fileName("???", "svg")).toBe("code.svg");
});
