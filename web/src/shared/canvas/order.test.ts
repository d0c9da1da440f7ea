import { expect, test } from "vitest";
import { sketchFindings } from "./checks";
import { copyBlocks, pasteBlocks } from "./clipboard";
import type { Graph, Kind } from "./model";
import { readingOrder } from "./order";

const words = { zh: "x", en: "x" };
const kindOf = (kind: string, role: Kind["role"], ports: string[]): Kind => ({ kind, version: 1, group: "flow", role, label: words, help: words, icon: "", needs: [], config_schema: {}, default_config: {}, ports: ports.map((name) => ({ name, label: words, optional: true })), port_source: null });
const kinds = new Map([kindOf("start", "start", ["entered"]), kindOf("wait", "wait", ["done"]), kindOf("flow.go_to", "step", ["to"]), kindOf("exit", "end", [])].map((kind) => [kind.kind, kind]));
const at = (id: string, kind: string, y: number, config = {}) => ({ id, kind, version: 1, config, position: { x: 0, y } });

/** A start leads to a wait and on to a jump; the jump alone leads to the exit, drawn above everything. */
const graph: Graph = {
  blocks: [at("x", "exit", -500), at("lost", "wait", 900), at("j", "flow.go_to", 400, { target: "x" }), at("w", "wait", 200), at("s", "start", 0)],
  arrows: [
    { from: "s", port: "entered", to: "w" },
    { from: "w", port: "done", to: "j" },
  ],
  settings: {},
};

test("steps are listed as customers pass them, along jumps too; what nobody reaches comes last", () => {
  expect(readingOrder(graph, kinds).map(({ block, depth }) => [block.id, depth])).toEqual([["s", 0], ["w", 1], ["j", 2], ["x", 3], ["lost", 0]]);
});

test("what only a jump leads to is reached", () => {
  expect(sketchFindings(graph, kinds).filter((one) => one.code === "unreachable").map((one) => one.block)).toEqual(["lost"]);
});

test("a copied jump leads to the copy of its target, or still to the original", () => {
  const both = pasteBlocks(graph, copyBlocks(graph, new Set(["j", "x"])) ?? "");
  const alone = pasteBlocks(graph, copyBlocks(graph, new Set(["j"])) ?? "");
  const jumpOf = (pasted: Graph | undefined) => pasted?.blocks.slice(graph.blocks.length).find((block) => block.kind === "flow.go_to")?.config.target;
  expect(jumpOf(both?.graph)).toBe(both?.graph.blocks.slice(graph.blocks.length).find((block) => block.kind === "exit")?.id);
  expect(jumpOf(alone?.graph)).toBe("x");
});
