import { describe, expect, it } from "vitest";
import { regionExpression } from "./region";

describe("the expression of a region", () => {
  it("asks for those inside and against the others, in the order that was compared", () => {
    expect(regionExpression(["b"], ["a", "b", "c"])).toBe("not in_segment('a') and in_segment('b') and not in_segment('c')");
  });
  it("is one membership for one segment alone", () => {
    expect(regionExpression(["a"], ["a"])).toBe("in_segment('a')");
  });
});
