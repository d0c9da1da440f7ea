import { expect, test } from "vitest";
import { amount, fresh } from "./types";

test("minor units follow the currency", () => {
  expect([amount(1050, "CNY"), amount(1050, "JPY"), amount(-1, "USD")]).toEqual([10.5, 1050, -0.01]);
});

test("a new rule gives the whole order to whom it finds", () => {
  expect(fresh("till").shares.reduce((sum, one) => sum + one.bp, 0)).toBe(10000);
});
