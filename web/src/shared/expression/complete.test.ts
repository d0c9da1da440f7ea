import { expect, test } from "vitest";
import { namesIn, type CatalogAnswer } from "./catalog";
import { completionsAt, matching, relationAt } from "./complete";

const label = (text: string) => ({ zh: text, en: text });
const catalog: CatalogAnswer = {
  entities: [
    {
      name: "customer",
      label: label("客户"),
      fields: [
        { name: "city", type: "text", label: label("城市") },
        { name: "level", type: "text", label: label("等级"), options: [{ value: "gold", label: label("金卡") }] },
        { name: "phone", type: "text", label: label("手机"), usable: false },
      ],
    },
  ],
  relations: [{ name: "orders", label: label("订单"), from: "customer", time_field: "paid_at", fields: [{ name: "status", type: "text", label: label("状态"), options: [{ value: "paid", label: label("已付") }] }, { name: "total", type: "number", label: label("金额") }] }],
  memberships: [{ name: "tags", function: "has_tag", label: label("标签"), from: "customer" }],
  event_types: [],
  functions: [
    { name: "today", signature: "today()", help: label("今天") },
    { name: "days_since", signature: "days_since(date)", help: label("距今天数"), example: "days_since(customer.birthday) > 3" },
    { name: "days_since", signature: "days_since(timestamp)", help: label("距今天数") },
  ],
  aggregates: [{ name: "count", help: label("行数") }],
  operators: {},
};
const names = namesIn(catalog, { customer: "customer" });
const at = (text: string) => completionsAt(text, text.length, names, catalog, "zh");
const texts = (text: string) => at(text)?.choices.map((one) => one.text) ?? [];

test("fields, functions and words are offered, sealed fields and overloads are not offered twice", () => {
  expect(texts("")).toEqual(["customer.city", "customer.level", "count()", "has_tag('')", "today()", "days_since()", "and", "or", "not", "in", "between", "contains", "starts with", "ends with", "is missing", "is not missing", "where", "in last 30 days", "true", "false", "null"]);
  expect(at("")?.choices.find((one) => one.text === "days_since()")).toMatchObject({ back: 1, info: "days_since(date)\ndays_since(customer.birthday) > 3" });
  expect(at("")?.choices.find((one) => one.text === "today()")).toMatchObject({ back: 0 });
});

test("a piece with dots is replaced whole", () => {
  expect(at("1 = 1 and customer.ci")?.from).toBe(10);
});

test("within an aggregate its sets, within its condition its own fields first", () => {
  expect(texts("count(")).toEqual(["orders", "orders.status", "orders.total"]);
  expect(texts("count(orders where ")[0]).toBe("status");
  expect(relationAt("count(orders where status = ')' and ", 36)).toBe("orders");
  expect(relationAt("count(orders) > 1 and ", 22)).toBeNull();
  expect(relationAt("days_since(last(orders.paid_at where ", 37)).toBe("orders");
});

test("after an enumerated field come its values, also half written and within a list", () => {
  expect(at("customer.level = ")).toEqual({ from: 17, choices: [{ text: "'gold'", label: "金卡", kind: "value" }] });
  expect(at("customer.level = 'go")?.from).toBe(17);
  expect(at("customer.level not in ['gold', ")?.choices).toHaveLength(1);
  expect(at("exists(orders where status = ")?.choices[0]?.text).toBe("'paid'");
  expect(at("customer.city = 'x")).toBeNull();
});

test("typing what is on the screen finds the name", () => {
  const choices = at("")?.choices ?? [];
  expect(matching(choices, "城市")[0]?.text).toBe("customer.city");
  expect(matching(choices, "cit")[0]?.text).toBe("customer.city");
  expect(matching(choices, "days")[0]?.text).toBe("days_since()");
  expect(matching(choices, "zzz")).toEqual([]);
});
