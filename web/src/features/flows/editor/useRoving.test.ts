import { describe, expect, it } from "vitest";
import { stepTo } from "./useRoving";

describe("arrows in the palette", () => {
  it("stay within the list", () => {
    expect(stepTo("ArrowDown", 0, 3)).toBe(1);
    expect(stepTo("ArrowDown", 2, 3)).toBe(2);
    expect(stepTo("ArrowUp", 0, 3)).toBe(0);
    expect(stepTo("PageDown", 0, 3)).toBe(2);
    expect([stepTo("Home", 2, 3), stepTo("End", 0, 3)]).toEqual([0, 2]);
  });
  it("leave other keys alone", () => {
    expect(stepTo("Enter", 0, 3)).toBeNull();
    expect(stepTo("ArrowDown", 0, 0)).toBeNull();
  });
});
