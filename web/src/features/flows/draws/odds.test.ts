import { expect, test } from "vitest";
import { prizeOf, shareOf } from "./odds";

const odds = [
  { name: "big", label: "大奖", odds: "0.005" },
  { name: "small", label: "小礼", odds: "40" },
];

test("a draw shows which numbers won what, and nothing takes the rest", () => {
  expect(shareOf({ odds, prize: 2 })).toEqual([
    { label: "大奖", from: 0, until: 4 },
    { label: "小礼", from: 5, until: 40_004 },
    { label: null, from: 40_005, until: 99_999 },
  ]);
  expect(prizeOf({ odds, prize: 1 })?.name).toBe("small");
  expect(prizeOf({ odds, prize: 2 })).toBeNull();
});

test("where all numbers win there is no nothing", () => {
  expect(shareOf({ odds: [{ name: "all", label: "人人有", odds: "100" }], prize: 0 })).toEqual([{ label: "人人有", from: 0, until: 99_999 }]);
});
