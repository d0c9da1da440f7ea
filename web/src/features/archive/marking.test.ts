import { describe, expect, it } from "vitest";
import { split } from "./marking";

describe("split", () => {
  it("marks every word and keeps the rest", () => {
    expect(split("VIP 价（含税）vip", ["vip", "（含"])).toEqual([
      { text: "VIP", found: true },
      { text: " 价", found: false },
      { text: "（含", found: true },
      { text: "税）", found: false },
      { text: "vip", found: true },
    ]);
  });

  it("takes what people type for words, not for a pattern", () => {
    expect(split("1+1 (a.b)", ["(a.b)", "1+1"]).filter((part) => part.found).map((part) => part.text)).toEqual(["1+1", "(a.b)"]);
    expect(split("原样", [])).toEqual([{ text: "原样", found: false }]);
  });
});
