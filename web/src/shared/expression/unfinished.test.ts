import { expect, test } from "vitest";
import { isBlank, unfinished } from "./unfinished";

test.each([
  "customer.city = ''",
  'customer.city != ""',
  "has_tag('')",
  "in_segment( '' ) and customer.city = '上海'",
  "count(purchases where category = '') >= 2",
  "customer.city contains ''",
  "customer.city starts with ''",
  "customer.city in []",
  "within(customer.location, 'geofence:')",
  "in_region(customer.division, '')",
])("%s is still to be filled in", (text) => {
  expect(unfinished(text)).toBe(1);
});

test.each(["", "customer.city = '上海'", "coalesce(customer.level, '') != 'gold'", "customer.city = '=\\'\\''", "customer.city in ['[]', 'a']", "customer.city = 'it''s'", "if(has_tag('a'), 'x', '') = 'x'"])("%s is finished", (text) => {
  expect(unfinished(text)).toBe(0);
});

test("each gap counts", () => {
  expect(unfinished("customer.city = '' and (has_tag('') or customer.city in [])")).toBe(3);
});

test("blanks alone are no value", () => {
  expect(isBlank({ kind: "text", value: "  " })).toBe(true);
  expect(isBlank({ kind: "text", value: "geofence:" })).toBe(true);
  expect(isBlank({ kind: "number", text: "0" })).toBe(false);
});
