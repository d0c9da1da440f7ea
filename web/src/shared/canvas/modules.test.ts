import { expect, test } from "vitest";
import type { Graph, Kind } from "./model";
import { addModule, type ServiceModule } from "./modules";

const words = { zh: "x", en: "x" };

function kindOf(name: string, ports: string[], role: Kind["role"] = "step"): Kind {
  return { kind: name, version: 1, group: "flow", role, label: words, help: words, icon: "", needs: [], config_schema: {}, default_config: {}, ports: ports.map((port) => ({ name: port, label: words })), port_source: null };
}

const kinds = new Map([kindOf("start", ["entered"], "start"), kindOf("coupon", ["issued", "sold_out"]), kindOf("wait", ["done"], "wait"), kindOf("exit", [], "end")].map((kind) => [kind.kind, kind]));
const at = (id: string, kind: string, x: number, y: number) => ({ id, kind, version: 1, config: {}, position: { x, y } });

const thanks: ServiceModule = {
  id: "thanks",
  name: words,
  about: words,
  blocks: [at("w", "wait", 0, 0), at("c", "coupon", 0, 168)],
  arrows: [{ from: "w", port: "done", to: "c" }],
  entry: "w",
  exits: [
    { block: "c", port: "issued" },
    { block: "c", port: "sold_out" },
  ],
};
const drawn: Graph = { blocks: [at("b1", "start", 0, 0), at("b2", "exit", 0, 400)], arrows: [{ from: "b1", port: "entered", to: "b2" }], settings: {} };

test("dropped on an arrow it goes in between, and every way on leads to where the arrow led", () => {
  const { graph, ids } = addModule(drawn, thanks, { x: 600, y: 100 }, { into: { from: "b1", port: "entered", to: "b2" } }, kinds);
  const [wait, coupon] = ids;
  expect(graph.arrows).toEqual([
    { from: wait, port: "done", to: coupon },
    { from: "b1", port: "entered", to: wait },
    { from: coupon, port: "issued", to: "b2" },
    { from: coupon, port: "sold_out", to: "b2" },
  ]);
});

test("pressed with a block selected it follows that block; with all its ways taken it goes in between", () => {
  const open: Graph = { ...drawn, arrows: [] };
  const after = addModule(open, thanks, { x: 0, y: 168 }, { after: "b1" }, kinds);
  expect(after.graph.arrows.filter((arrow) => arrow.from === "b1")).toEqual([{ from: "b1", port: "entered", to: after.ids[0] }]);
  const between = addModule(drawn, thanks, { x: 0, y: 168 }, { after: "b1" }, kinds);
  expect(between.graph.arrows.filter((arrow) => arrow.to === "b2")).toHaveLength(2);
});

test("twice on one board: fresh ids, and no block on another", () => {
  const once = addModule(drawn, thanks, { x: 0, y: 0 }, {}, kinds);
  const twice = addModule(once.graph, thanks, { x: 0, y: 0 }, {}, kinds);
  expect(new Set(twice.graph.blocks.map((block) => block.id)).size).toBe(6);
  const boxes = twice.graph.blocks.map((block) => ({ x: block.position.x, y: block.position.y }));
  for (const [index, one] of boxes.entries()) for (const other of boxes.slice(index + 1)) expect(Math.abs(one.x - other.x) >= 232 || Math.abs(one.y - other.y) >= 88).toBe(true);
});
