import { describe, expect, it } from "vitest";
import { leaks, worst } from "@/shared/chart";
import { charted, costEach, returnOf, shareOf, type Funnel } from "./funnel";
import { stepCost, type Traffic } from "./traffic";

const funnel = (change: Partial<Funnel> = {}): Funnel => ({
  key: "pos",
  came: 10,
  friend: 4,
  member: 8,
  first_order: 5,
  second_order: 2,
  revenue: { amount: "300.00", currency: "CNY" },
  spend: { amount: "100.00", currency: "CNY" },
  waiting: 0,
  ...change,
});

describe("a source's figures", () => {
  it("are shares of those who came", () => {
    expect(shareOf(funnel(), "second_order")).toBe(0.2);
    expect(shareOf(funnel({ came: 0 }), "friend")).toBeNull();
  });

  it("say what one cost and what came back, where anything was spent", () => {
    expect(costEach(funnel())).toBe(10);
    expect(returnOf(funnel())).toBe(3);
    const free = funnel({ spend: { amount: "0", currency: "CNY" } });
    expect(costEach(free)).toBeNull();
    expect(returnOf(free)).toBeNull();
    expect(costEach(funnel({ came: 0 }))).toBeNull();
  });

  it("are charted for the busiest eight with anybody in them", () => {
    const many = Array.from({ length: 12 }, (_, n) => funnel({ key: `s${n}`, came: n === 3 ? 0 : 1 }));
    expect(charted(many).map((one) => one.key)).not.toContain("s3");
    expect(charted(many)).toHaveLength(8);
  });
});

describe("a funnel of traffic", () => {
  it("tells what each step loses, and where most are lost", () => {
    expect(leaks([100, 40, 30, 5])).toEqual([60, 10, 25, null]);
    expect(worst([100, 40, 30, 5])).toBe(0);
    expect(worst([3, 3, 3])).toBe(-1);
  });

  it("says what one person of a step cost, where anything was spent", () => {
    const one = { source: "live", live: 3, cart: 0, grouped: 0, reached: 3, friend: 2, first_order: 1, second_order: 0, beside: 0, revenue: { amount: "9", currency: "CNY" }, spend: { amount: "300", currency: "CNY" } } satisfies Traffic;
    expect([stepCost(one, "reached"), stepCost(one, "friend"), stepCost(one, "second_order")]).toEqual([100, 150, null]);
  });
});
