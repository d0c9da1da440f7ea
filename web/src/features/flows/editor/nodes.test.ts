import { describe, expect, it } from "vitest";
import { randomFlow, KINDS } from "@/shared/canvas/drawings";
import { outlineOf, routes, routing, type Graph, type Kind } from "@/shared/canvas";
import { kept, nodesOf, type Overlay } from "./nodes";
import { stageKey } from "./summary";

const PLAIN: Overlay = { findings: [], stats: null, diff: null, onCount: null, watched: false };

describe("drawing an edit", () => {
  const graph = randomFlow(14, 7);
  const draw = (wanted = graph, selected = new Set<string>()) => nodesOf(wanted, KINDS, selected, new Map(), PLAIN, "zh");

  it("keeps what is drawn of every block that says the same", () => {
    const shown = draw();
    const edited = { ...graph, blocks: graph.blocks.map((block) => (block.id === "b5" ? { ...block, label: "新名字" } : block)) };
    const next = kept(shown, draw(edited));
    expect(next.filter((node, index) => node !== shown[index]).map((node) => node.id)).toEqual(["b5"]);
    const chosen = kept(next, draw(edited, new Set(["b9"])));
    expect(chosen.filter((node, index) => node !== next[index]).map((node) => node.id)).toEqual(["b9"]);
  });

  it("calls a stage as the sort of things does that the flow is about", () => {
    const set = { ...graph, settings: { subject: "visit" }, blocks: [{ id: "b1", kind: "thing.set", config: { stage: "open" }, position: { x: 0, y: 0 } }], arrows: [] };
    const words = { zh: "更新对象", en: "Change" };
    const kind = { kind: "thing.set", version: 1, group: "service", role: "step", label: words, help: words, icon: "", needs: [], config_schema: { properties: { stage: { type: "string", "x-ui": { widget: "thing_stage" } } } }, default_config: {}, ports: [], port_source: null } as unknown as Kind;
    const names = new Map([[stageKey("open", "visit"), "待检"], [stageKey("open", "shop"), "开业"]]);
    const [node] = nodesOf(set as unknown as Graph, new Map([["thing.set", kind]]), new Set(), names, PLAIN, "zh");
    expect(node?.data).toMatchObject({ summary: "待检" });
  });

  it("routes in slices what it routes at once, and again only when the outline changes", () => {
    const work = routing(graph, KINDS);
    let steps = 0;
    let last = work.next();
    for (; !last.done; last = work.next()) steps += 1;
    expect(steps).toBeGreaterThanOrEqual(graph.arrows.length);
    expect(last.value).toEqual(routes(graph, KINDS));
    const renamed = { ...graph, blocks: graph.blocks.map((block) => ({ ...block, label: "x" })) };
    expect(outlineOf(renamed, KINDS)).toBe(outlineOf(graph, KINDS));
    const moved = { ...graph, blocks: graph.blocks.map((block) => (block.id === "b3" ? { ...block, position: { x: 9_000, y: 0 } } : block)) };
    expect(outlineOf(moved, KINDS)).not.toBe(outlineOf(graph, KINDS));
  });
});
