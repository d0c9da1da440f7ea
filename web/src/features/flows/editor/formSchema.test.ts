import { expect, test } from "vitest";
import type { Graph, Kind } from "@/shared/canvas";
import { entryEvent, formSchema } from "./formSchema";

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

function graph(...events: string[]): Graph {
  return {
    blocks: events.map((event_type, index) => ({ id: `b${index}`, kind: "start.event", version: 1, config: { event_type }, position: { x: 0, y: 0 } })),
    arrows: [],
    settings: {},
  };
}

test("the scope of an expression follows the entry and sibling fields, and hides what has no type", () => {
  const one = JSON.stringify(formSchema(kind, { event_type: "order.paid" }, graph("visit.recorded")));
  expect(one).toContain('"scope":{"customer":"customer","event":"visit.recorded","other":"order.paid"}');
  expect(JSON.stringify(formSchema(kind, {}, graph()))).toContain('"scope":{"customer":"customer"}');
});

test("keys of ports are not shown, and the kind itself stays as it was", () => {
  const before = JSON.stringify(kind);
  expect(JSON.stringify(formSchema(kind, {}, graph()))).toContain('"name":{"type":"string","x-ui":{"widget":"hidden"}}');
  expect(JSON.stringify(kind)).toBe(before);
});

test("two different entries leave the event open", () => {
  expect(entryEvent(graph("a", "b"))).toBeNull();
  expect(entryEvent(graph("a", "a"))).toBe("a");
});
