import { expect, test } from "vitest";
import type { Names } from "./catalog";
import { print, quote } from "./print";
import { closeGroup, openGroup, openTop } from "./groups";
import { fromRow, newRow, operatorsFor, settled, toRow, valueCount } from "./rows";
import { optionPath, subjectFromKey, subjectKey, subjectOptions } from "./subjects";
import { call, compare, field, group, not, num, related, str, type Tree } from "./tree";

const label = (text: string) => ({ zh: text, en: text });
const names: Names = {
  fields: [
    { path: ["customer", "city"], field: { name: "city", type: "text", label: label("city") }, group: label("customer") },
    { path: ["customer", "birthday"], field: { name: "birthday", type: "date", label: label("birthday") }, group: label("customer") },
    { path: ["customer", "do_not_contact"], field: { name: "do_not_contact", type: "bool", label: label("dnc") }, group: label("customer") },
  ],
  relations: [{ name: "orders", label: label("orders"), from: "customer", time_field: "paid_at", fields: [{ name: "paid_at", type: "timestamp", label: label("paid") }, { name: "total", type: "number", label: label("total") }] }],
  memberships: [{ name: "tags", function: "has_tag", label: label("tags"), from: "customer" }],
  operators: { number: ["=", ">=", "between"], text: ["=", "in", "contains", "is missing"], timestamp: ["<", ">"], date: ["=", "between"], bool: ["="] },
};

const recent = related("count", ["orders"], { window: { amount: "90", unit: "days" }, where: compare(field("status"), "=", str("paid")) });

const shown: [string, Tree, string][] = [
  ["a field", compare(field("customer", "city"), "=", str("Shanghai")), "customer.city = 'Shanghai'"],
  ["one of many", { kind: "in", value: field("customer", "city"), choices: { kind: "list", items: [str("a"), str("b")] }, negated: true }, "customer.city not in ['a', 'b']"],
  ["a count", compare(recent, ">=", num(2)), "count(orders in last 90 days where status = 'paid') >= 2"],
  ["long ago", compare(call("days_since", related("last", ["orders", "paid_at"])), ">", num(30)), "days_since(last(orders.paid_at)) > 30"],
  ["none there", not(related("exists", ["orders"])), "not exists(orders)"],
  ["a tag", call("has_tag", str("vip")), "has_tag('vip')"],
  ["no tag", not(call("has_tag", str("vip"))), "not has_tag('vip')"],
  ["truth", field("customer", "do_not_contact"), "customer.do_not_contact"],
  ["missing", { kind: "missing", value: field("customer", "city"), negated: true }, "customer.city is not missing"],
  ["an age in weeks", { kind: "between", value: call("age_weeks", field("customer", "birthday")), low: num(28), high: num(40) }, "age_weeks(customer.birthday) between 28 and 40"],
  ["a birthday soon", call("birthday_within", field("customer", "birthday"), num(30)), "birthday_within(customer.birthday, 30)"],
  ["no lunar birthday soon", not(call("lunar_birthday_within", field("customer", "birthday"), num(7))), "not lunar_birthday_within(customer.birthday, 7)"],
  ["a division", call("in_region", field("customer", "division"), str("310000")), "in_region(customer.division, '310000')"],
  ["outside an area", not(call("within", field("customer", "place"), str("geofence:east"))), "not within(customer.place, 'geofence:east')"],
  ["days of a time", { kind: "between", value: call("date_of", related("last", ["orders", "paid_at"])), low: call("date", str("2026-01-01")), high: call("date", str("2026-01-31")) }, "date_of(last(orders.paid_at)) between date('2026-01-01') and date('2026-01-31')"],
  ["a range", { kind: "between", value: field("customer", "birthday"), low: call("date", str("1990-01-01")), high: call("date", str("1999-12-31")) }, "customer.birthday between date('1990-01-01') and date('1999-12-31')"],
];

test.each(shown)("%s has a line, the line gives the tree back, and it prints", (_name, tree, text) => {
  const row = toRow(tree, names);
  expect(row).not.toBeNull();
  if (row) expect(print(fromRow(row))).toBe(text);
  expect(print(tree)).toBe(text);
});

test.each([
  ["arithmetic", compare({ kind: "arith", op: "*", left: field("customer", "spend"), right: num(2) }, ">", num(10))],
  ["two fields", compare(field("customer", "city"), "=", field("customer", "birthday"))],
  ["a function we have no words for", compare(call("lunar_month", field("customer", "birthday")), "=", num(8))],
] as [string, Tree][])("%s stays a formula", (_name, tree) => {
  expect(toRow(tree, names)).toBeNull();
});

test("groups that bind less tightly get parentheses, those that were written stay", () => {
  const a = field("a");
  const or: Tree = { kind: "or", items: [a, field("b")] };
  expect(print({ kind: "and", items: [or, field("c")] })).toBe("(a or b) and c");
  expect(print({ kind: "and", items: [{ ...or, parens: 1 }, field("c")] })).toBe("(a or b) and c");
  expect(print(not(or))).toBe("not (a or b)");
  expect(print(group("and", []))).toBe("true");
  expect(group("or", [a])).toBe(a);
});

test("a group can be turned into none of, and back, with its parentheses kept", () => {
  const tree: Tree = { kind: "or", items: [field("a"), field("b")], parens: 1 };
  const shown = openTop(tree);
  expect(print(closeGroup({ ...shown, negated: true }, true))).toBe("not (a or b)");
  const denied = openGroup(not(tree));
  expect(denied).toMatchObject({ kind: "or", negated: true, inner: 1 });
  expect(denied && print(closeGroup({ ...denied, negated: false, kind: "and" }, true))).toBe("(a and b)");
  expect(openGroup(field("a"))).toBeNull();
});

test("text is quoted so that nothing can break out of it", () => {
  expect(quote("it's \\ a\nline")).toBe("'it\\'s \\\\ a\\nline'");
});

test("changing the operator keeps the values that still fit", () => {
  const row = { subject: field("customer", "city"), op: "=", values: [str("Shanghai")] };
  expect(settled({ ...row, op: "in" }, names, "2026-01-01").values).toEqual([str("Shanghai")]);
  expect(settled({ ...row, op: "is missing" }, names, "2026-01-01").values).toEqual([]);
  expect(settled({ ...row, op: "no such" }, names, "2026-01-01").op).toBe("=");
});

test("a moment is not a day: changing from one to the other asks anew", () => {
  const subject = related("last", ["orders", "paid_at"]);
  const exact = { subject, op: "<", values: [call("timestamp", str("2026-01-01T08:00:00+08:00"))] };
  expect(settled({ ...exact, op: "day between" }, names, "2026-03-05").values).toEqual([call("date", str("2026-03-05")), call("date", str("2026-03-05"))]);
});

test("a new line starts with the most telling operator and a value of its type", () => {
  expect(newRow(related("count", ["orders"]), names, "2026-01-01")).toMatchObject({ op: ">=", values: [num(1)] });
  expect(newRow(related("last", ["orders", "paid_at"]), names, "2026-01-01")).toMatchObject({ op: "ago >", values: [num(30)] });
  expect(valueCount(newRow(field("customer", "do_not_contact"), names, "2026-01-01"))).toBe(0);
  expect(operatorsFor(call("has_tag"), names)).toEqual(["is", "is not"]);
  expect(operatorsFor(field("customer", "birthday"), names)).toContain("lunar birthday");
  expect(newRow(field("customer", "birthday"), names, "2026-01-01").op).toBe("ago >");
  expect(settled({ subject: field("customer", "birthday"), op: "weeks between", values: [] }, names, "2026-01-01").values).toEqual([num(28), num(28)]);
});

test("every subject offered can be picked and found again", () => {
  const options = subjectOptions(names, "en", (key) => key);
  const leaves = (list: typeof options): string[] => list.flatMap((one) => (one.children ? leaves(one.children) : [one.value]));
  for (const key of leaves(options)) {
    const tree = subjectFromKey(key, null);
    expect(tree && subjectKey(tree)).toBe(key);
    expect(optionPath(options, key).at(-1)).toBe(key);
  }
});

test("another question about the same records keeps the window and the conditions", () => {
  expect(subjectFromKey("related:sum:orders.total", recent)).toMatchObject({ aggregate: "sum", field: ["total"], window: { amount: "90" }, where: { kind: "compare" } });
});
