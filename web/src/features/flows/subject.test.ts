import { expect, test } from "vitest";
import type { Kind } from "@/shared/canvas";
import { fits, rootsOf, subjectName, type Subject } from "./subject";

const STOCK: Subject = { name: "stock_item", label: { zh: "库存商品", en: "Stock item" }, customer: false, events: ["stock.low"] };
const ORDER: Subject = { ...STOCK, name: "order", customer: true };

function kind(role: Kind["role"], forCustomer: boolean): Kind {
  return { role, for_customer: forCustomer } as Kind;
}

test("a block for customers fits where there is one, and a start for customers only in flows about them", () => {
  expect([null, ORDER, STOCK].map((about) => fits(kind("step", true), about))).toEqual([true, true, false]);
  expect([null, ORDER, STOCK].map((about) => fits(kind("start", true), about))).toEqual([true, false, false]);
  expect([null, ORDER, STOCK].map((about) => fits(kind("wait", false), about))).toEqual([true, true, true]);
});

test("formulas name the thing, and the customer where there can be one", () => {
  expect(rootsOf(STOCK)).toEqual({ stock_item: "stock_item" });
  expect(rootsOf(ORDER)).toEqual({ customer: "customer", order: "order" });
  expect(subjectName({})).toBe("customer");
});
