import { expect, test } from "vitest";
import { eventsOf, isWritable, type CatalogAnswer } from "./catalog";

const label = { zh: "x", en: "x" };
const event = (name: string) => ({ name, label, fields: [] });
const entity = (name: string, customer: boolean, ...events: string[]) => ({ name, label, fields: [], subject: { customer, events } });
const catalog: CatalogAnswer = {
  entities: [{ name: "customer", label, fields: [] }, entity("order", true, "order.paid"), entity("stock_item", false, "stock.low")],
  event_types: [...["order.paid", "stock.low", "visit.recorded"].map(event), { ...event("order.moved"), history: true }],
  relations: [],
  memberships: [],
  functions: [],
  operators: {},
};

test("only events are offered that can concern what the flow is about", () => {
  const names = (subject: string, starting: boolean, chosen?: string) => eventsOf(catalog, subject, starting, chosen).map((one) => one.name);
  expect(names("customer", true)).toEqual(["order.paid", "visit.recorded"]);
  expect(names("order", true)).toEqual(["order.paid"]);
  expect(names("order", false)).toEqual(["order.paid", "visit.recorded"]);
  expect(names("stock_item", false)).toEqual(["stock.low"]);
  // What is history sets nothing going; one that stands there already is still shown.
  expect(names("customer", false, "order.moved")).toEqual(["order.paid", "visit.recorded", "order.moved"]);
  expect(names("stock_item", true, "visit.recorded")).toEqual(["stock.low", "visit.recorded"]);
});

test("a text for colleagues takes plain values that can be written", () => {
  const field = (type: string, privacy?: string) => ({ name: "f", label, type, ...(privacy === undefined ? {} : { privacy }) });
  expect([field("number"), field("text", "plain"), field("text", "personal"), field("point", "plain")].map(isWritable)).toEqual([true, true, false, false]);
});
