import { describe, expect, it } from "vitest";
import { charted, costEach, returnOf, shareOf, type Funnel } from "./funnel";

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
