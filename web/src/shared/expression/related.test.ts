import { expect, test } from "vitest";
import { askedOf, whereOf, whereText } from "./related";
import type { Tree } from "./tree";

const issued: Tree = { kind: "compare", op: "=", left: { kind: "field", path: ["status"] }, right: { kind: "text", value: "issued" } };

test("a condition on rows goes to the server inside a question, and comes back out of it", () => {
  expect(askedOf("coupons", "")).toBe("exists(coupons)");
  expect(askedOf("coupons", "status = 'issued'")).toBe("exists(coupons where status = 'issued')");
  expect(whereOf({ kind: "related", aggregate: "exists", relation: "coupons", where: issued })).toBe(issued);
  expect(whereOf({ kind: "related", aggregate: "exists", relation: "coupons" })).toBeNull();
});

test("what was built is kept as text, and an emptied group as none", () => {
  expect(whereText(issued)).toBe("status = 'issued'");
  expect(whereText({ kind: "and", items: [] })).toBe("");
});
