import { expect, test } from "vitest";
import { print } from "./print";
import { call, compare, field, group, related, str, type Tree } from "./tree";
import { stretchOf, within, type Stretch } from "./window";

const at = (op: string, day: string) => compare(field("paid_at"), op, call("date", str(day)));
const food = compare(field("category"), "=", str("food"));
const set = (where: Tree | null, window: { amount: string; unit: string } | null = null) => related("count", ["purchases"], { where, window });

test.each([
  ["no time at all", { kind: "any" }, "count(purchases where category = 'food')"],
  ["the last days", { kind: "last", span: { amount: "7", unit: "days" } }, "count(purchases in last 7 days where category = 'food')"],
  ["between two days, both whole", { kind: "days", from: "2026-01-01", until: "2026-01-31" }, "count(purchases where paid_at >= date('2026-01-01') and paid_at < date('2026-02-01') and category = 'food')"],
  ["since a day", { kind: "days", from: "2026-01-01", until: null }, "count(purchases where paid_at >= date('2026-01-01') and category = 'food')"],
  ["until the end of a leap day", { kind: "days", from: null, until: "2028-02-29" }, "count(purchases where paid_at < date('2028-03-01') and category = 'food')"],
] as [string, Stretch, string][])("%s is written and read back", (_name, stretch, text) => {
  const written = within(set(null), "paid_at", { stretch, rest: food });
  expect(print(written)).toBe(text);
  expect(stretchOf(written, "paid_at")).toEqual({ stretch, rest: food });
});

test("changing the time leaves the other conditions alone, and the first dates go", () => {
  const either: Tree = { kind: "or", items: [food, compare(field("amount"), ">", { kind: "number", text: "5" })] };
  const dated = within(set(either), "paid_at", { stretch: { kind: "days", from: "2026-01-01", until: null }, rest: either });
  expect(print(dated)).toBe("count(purchases where paid_at >= date('2026-01-01') and (category = 'food' or amount > 5))");
  const { rest } = stretchOf(dated, "paid_at");
  expect(print(within(dated, "paid_at", { stretch: { kind: "any" }, rest }))).toBe("count(purchases where category = 'food' or amount > 5)");
});

test("what is not a stretch of whole days stays a condition", () => {
  const other = [
    group("and", [food, at(">=", "2026-01-01")]),
    compare(field("paid_at"), ">", call("date", str("2026-01-01"))),
    compare(field("expires_at"), ">=", call("date", str("2026-01-01"))),
    { ...group("and", [at(">=", "2026-01-01"), food]), parens: 1 },
    compare(field("paid_at"), ">=", call("timestamp", str("2026-01-01T08:00:00Z"))),
  ];
  for (const where of other) expect(stretchOf(set(where), "paid_at")).toEqual({ stretch: { kind: "any" }, rest: where });
});
