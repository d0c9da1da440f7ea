import { expect, test } from "vitest";
import { withNames } from "./named";

const ID = "0190a000-0000-7000-8000-00000000000a";

test("a segment is called by its name, one that is not known by its id", () => {
  expect(withNames(`客户在分群“${ID}”内`, [{ id: ID, name: "奶粉老客" }])).toBe("客户在分群“奶粉老客”内");
  expect(withNames(`“${ID}”`, [])).toBe(`“${ID}”`);
});
