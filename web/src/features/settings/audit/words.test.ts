import { expect, test } from "vitest";
import { nameOf } from "./words";

const LINE = { id: "1", at: "", action: "coupon.redeemed", entity: "coupon", entity_id: "c1", names: { c1: "满减券" }, before: { status: "issued" } };

test("a redeemed coupon is named by its code", () => {
  expect(nameOf({ ...LINE, after: { status: "redeemed", code: "AB12" } } as unknown as Parameters<typeof nameOf>[0])).toBe("AB12");
  expect(nameOf({ ...LINE, after: { status: "redeemed" } } as unknown as Parameters<typeof nameOf>[0])).toBe("满减券");
});
