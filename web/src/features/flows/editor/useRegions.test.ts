import { describe, expect, it } from "vitest";
import { regionAfter, type Region } from "./useRegions";

const all = () => true;
const without = (...gone: Region[]) => (region: Region) => !gone.includes(region);

describe("F6 leads from part to part", () => {
  it("goes round in the order of the page, and back", () => {
    expect(regionAfter("palette", false, all)).toBe("canvas");
    expect(regionAfter("tools", false, all)).toBe("palette");
    expect(regionAfter("palette", true, all)).toBe("tools");
  });
  it("passes over what is not there", () => {
    expect(regionAfter("canvas", false, without("form"))).toBe("problems");
    expect(regionAfter("problems", true, without("form"))).toBe("canvas");
    expect(regionAfter("canvas", false, () => false)).toBeNull();
  });
  it("begins at the first part, or going back at the last", () => {
    expect(regionAfter(null, false, all)).toBe("palette");
    expect(regionAfter(null, true, all)).toBe("tools");
  });
});
