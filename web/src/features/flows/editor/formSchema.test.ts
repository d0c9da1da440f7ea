import { expect, test } from "vitest";
import type { Graph, Kind } from "@/shared/canvas";
import { entryEvent, formSchema, keptBy } from "./formSchema";

const words = (text: string) => ({ zh: text, en: text });

const kind: Kind = {
  kind: "decide.condition",
  version: 1,
  group: "decide",
  role: "step",
  label: words("c"),
  help: words("c"),
  icon: "",
  needs: [],
  config_schema: {
    $defs: {
      Way: {
        properties: {
          name: { type: "string" },
          condition: { type: "string", "x-ui": { widget: "expression", scope: { customer: "customer", event: "@entry", other: "@event_type" } } },
        },
      },
    },
    properties: { ways: { type: "array", items: { $ref: "#/$defs/Way" } } },
  },
  default_config: {},
  ports: [],
  port_source: { field: "ways", name: "name", label: "label", before: [], after: [] },
};

const NONE = new Map<string, Kind>();

function graph(...events: string[]): Graph {
  return {
    blocks: events.map((event_type, index) => ({ id: `b${index}`, kind: "start.event", version: 1, config: { event_type }, position: { x: 0, y: 0 } })),
    arrows: [],
    settings: {},
  };
}

test("the scope of an expression follows the entry and sibling fields, and hides what has no type", () => {
  const one = JSON.stringify(formSchema(kind, { id: "me", config: { event_type: "order.paid" } }, graph("visit.recorded"), NONE));
  expect(one).toContain('"scope":{"customer":"customer","event":"visit.recorded","other":"order.paid"}');
  expect(JSON.stringify(formSchema(kind, { id: "me", config: {} }, graph(), NONE))).toContain('"scope":{"customer":"customer"}');
});

test("what runs of the flow keep may be read wherever the customer may", () => {
  const one = JSON.stringify(formSchema(kind, { id: "me", config: {} }, graph(), NONE, "0190a000-0000-7000-8000-00000000000a"));
  expect(one).toContain('"scope":{"run":"flow.0190a0000000700080000000 0000000a","customer":"customer"}'.replace(" ", ""));
});

test("keys of ports are not shown, and the kind itself stays as it was", () => {
  const before = JSON.stringify(kind);
  expect(JSON.stringify(formSchema(kind, { id: "me", config: {} }, graph(), NONE))).toContain('"name":{"type":"string","x-ui":{"widget":"hidden"}}');
  expect(JSON.stringify(kind)).toBe(before);
});

test("two different entries leave the event open", () => {
  expect(entryEvent(graph("a", "b"))).toBeNull();
  expect(entryEvent(graph("a", "a"))).toBe("a");
});

test("a block reads the event of the starts that lead to it", () => {
  const drawn = graph("a", "b");
  const at = (id: string, config = {}) => ({ id, kind: "flow.go_to", version: 1, config, position: { x: 0, y: 0 } });
  const arrow = (from: string, to: string) => ({ from, port: "to", to });
  const whole: Graph = { ...drawn, blocks: [...drawn.blocks, at("x"), at("y", { target: "z" }), at("z"), at("alone")], arrows: [arrow("b0", "x"), arrow("b1", "y"), arrow("x", "z")] };
  expect(["x", "y", "z", "alone"].map((id) => entryEvent(whole, id))).toEqual(["a", "b", null, null]);
});

test("a field that names a block offers the others of the drawing by their words, of its group only", () => {
  const message: Kind = { ...kind, kind: "messaging.send", group: "reach", label: words("Send") };
  const start: Kind = { ...kind, kind: "start.event", role: "start" };
  const kinds = new Map([kind, message, start].map((one) => [one.kind, one]));
  const at = (id: string, of: Kind, y: number, label = "") => ({ id, kind: of.kind, version: 1, config: {}, position: { x: 0, y }, label });
  const drawn: Graph = { blocks: [at("m2", message, 300), at("s", start, 0), at("m1", message, 100, "Hello"), at("c", kind, 200)], arrows: [], settings: {} };
  const asking = (group?: string): Kind => ({ ...kind, port_source: null, config_schema: { properties: { target: { type: "string", "x-ui": { widget: "block", ...(group ? { group } : {}) } } } } });
  const offered = (of: Kind) => (formSchema(of, { id: "c", config: {} }, drawn, kinds) as { properties: { target: { "x-ui": { options: { value: string; label: { en: string } }[] } } } }).properties.target["x-ui"].options.map((one) => [one.value, one.label.en]);
  expect(offered(asking())).toEqual([["m1", "Hello · Send"], ["m2", "Send"]]);
  expect(offered(asking("decide"))).toEqual([]);
});

test("a condition on the rows of a related set knows which set its neighbour names", () => {
  const each: Kind = { ...kind, kind: "flow.for_each", port_source: null, config_schema: { properties: { relation: { type: "string" }, where: { type: "string", "x-ui": { widget: "relation_where", of: "relation" } } } } };
  const hints = (config: Record<string, unknown>) => (formSchema(each, { id: "me", config }, graph(), NONE).properties as Record<string, Record<string, unknown>>).where?.["x-ui"];
  expect(hints({ relation: "coupons" })).toMatchObject({ relation: "coupons" });
  expect(hints({})).toMatchObject({ relation: undefined });
});

test("a block in a branch of for each reads its own thing, the innermost, and a block behind does not", () => {
  const port = (name: string) => ({ name, label: words(name), optional: false });
  const each: Kind = { ...kind, kind: "flow.for_each", port_source: null, ports: [port("each"), port("done")], config_schema: { properties: { relation: { type: "string", "x-ui": { widget: "relation", scope: { customer: "customer" } } } } } };
  const kinds = new Map([kind, each].map((one) => [one.kind, one]));
  const at = (id: string, of: Kind, config = {}) => ({ id, kind: of.kind, version: 1, config, position: { x: 0, y: 0 } });
  const arrow = (from: string, of: string, to: string) => ({ from, port: of, to });
  const drawn: Graph = {
    blocks: [at("lines", each, { relation: "lines" }), at("way", kind), at("coupons", each, { relation: "coupons" }), at("inner", kind), at("met", kind), at("after", kind)],
    arrows: [arrow("lines", "each", "way"), arrow("way", "y", "coupons"), arrow("coupons", "each", "inner"), arrow("coupons", "done", "met"), arrow("lines", "done", "after")],
    settings: {},
  };
  const about = { name: "order", label: words("Order"), customer: true, events: [] };
  const scopeAt = (id: string) => (formSchema(kind, { id, config: {} }, drawn, kinds, "", about).$defs as { Way: { properties: { condition: { "x-ui": { scope: Record<string, string> } } } } }).Way.properties.condition["x-ui"].scope.item;
  expect(["way", "inner", "met", "after", "lines"].map(scopeAt)).toEqual(["item.lines", "item.coupons", "item.lines", undefined, undefined]);
  const chosen = formSchema(each, { id: "coupons", config: {} }, drawn, kinds, "", about).properties as { relation: { "x-ui": { scope: unknown } } };
  expect(chosen.relation["x-ui"].scope).toEqual({ customer: "customer", order: "order", item: "item.lines" });
});

test("what the drawing's blocks keep is offered where run. may be read", () => {
  const drawn: Graph = {
    ...graph("order.paid"),
    blocks: [
      ...graph("order.paid").blocks,
      { id: "r", kind: "flow.remember", version: 1, config: { values: [{ name: "town", type: "text", value: "customer.city" }] }, position: { x: 0, y: 0 } },
      { id: "f", kind: "human.form", version: 1, config: { fields: [{ name: "area", type: "number", label: "面积 | Area" }], ways: [{ name: "y", label: "是" }] }, position: { x: 0, y: 0 } },
    ],
  };
  expect(keptBy(drawn)).toEqual([
    { name: "town", type: "text", label: { zh: "town", en: "town" } },
    { name: "area", type: "number", label: { zh: "面积", en: "Area" } },
  ]);
  expect(JSON.stringify(formSchema(kind, { id: "me", config: {} }, drawn, NONE, "0190a000-0000-7000-8000-00000000000a"))).toContain('"kept":[{"name":"town"');
  expect(JSON.stringify(formSchema(kind, { id: "me", config: {} }, drawn, NONE))).not.toContain('"kept"');
});
