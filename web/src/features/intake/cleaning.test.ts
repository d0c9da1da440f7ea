import { describe, expect, it } from "vitest";
import { chosenIn, choosing, RULES } from "./cleaning";

describe("a mapping's cleaning", () => {
  it("is the usual where nothing is named, and nothing where there is no mapping", () => {
    expect(chosenIn({ rules: [] })).toEqual([...RULES]);
    expect(chosenIn({ rules: [], cleaning: ["phone"] })).toEqual(["phone"]);
    expect([chosenIn(null), chosenIn(undefined), chosenIn([1])]).toEqual([null, null, null]);
  });

  it("is named when it is not the usual, in one order, and leaves the rest of the mapping", () => {
    const mapping = { each: "people", rules: [1], cleaning: ["phone"] };
    expect(choosing(mapping, ["region", "spaces"])).toEqual({ each: "people", rules: [1], cleaning: ["spaces", "region"] });
    expect(choosing(mapping, [])).toEqual({ each: "people", rules: [1], cleaning: [] });
    expect(choosing(mapping, RULES)).toEqual({ each: "people", rules: [1] });
  });
});
