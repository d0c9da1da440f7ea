import { describe, expect, it } from "vitest";
import { addFrame, addSticky, changeExtra, compare, configure, connect, describe as rename, fieldChanges, isSame, merge, moveBlocks, moveFrame, removeBlocks, removeExtra, union, type Graph } from ".";
import { dice, KINDS, sketch } from "./drawings";

const BASE = sketch("s:segment m:message p:points x:exit", "s.entered>m m.sent>p m.held>x m.skipped>x p.done>x");
const ids = (graph: Graph) => graph.blocks.map((block) => block.id).sort();
const label = (graph: Graph, id: string) => graph.blocks.find((block) => block.id === id)?.label;

describe("comparing", () => {
  it("tells added, removed, changed and moved apart, and draws both at once", () => {
    const added = { ...BASE, blocks: [...BASE.blocks, { id: "w", kind: "wait", version: 1, config: {}, position: { x: 0, y: 0 } }] };
    const moved = moveBlocks(removeBlocks(rename(added, "m", { label: "提醒" }), new Set(["p"])), new Map([["x", { x: 80, y: 80 }]]));
    const diff = compare(BASE, moved);
    expect([diff.added, diff.removed.map((block) => block.id), diff.changed, diff.moved]).toEqual([["w"], ["p"], ["m"], ["x"]]);
    expect(ids(union(BASE, moved))).toEqual(["m", "p", "s", "w", "x"]);
    expect(union(BASE, moved).arrows).toHaveLength(BASE.arrows.length);
    expect(isSame(compare(BASE, moveBlocks(BASE, new Map([["x", { x: 8, y: 8 }]]))))).toBe(true);
  });

  it("names each field, down into lists, whatever order its keys have", () => {
    const [, m] = BASE.blocks;
    if (!m) throw new Error("no block");
    const before = { ...m, config: { template: "a", ways: [{ name: "w1", share: "50" }, { name: "w2", share: "50" }] } };
    const after = { ...m, label: "新", config: { ways: [{ share: "50", name: "w1" }, { name: "w2", share: "20" }], template: "a", valid: 3 } };
    expect(fieldChanges(before, after).map((one) => [one.path.join("."), one.before, one.after])).toEqual([
      ["label", "", "新"],
      ["config.ways.1.share", "50", "20"],
      ["config.valid", undefined, 3],
    ]);
  });
});

describe("merging what two people drew", () => {
  it("takes both, where they did not touch the same block", () => {
    const mine = rename(BASE, "m", { label: "我的" });
    const theirs = removeBlocks(rename(moveBlocks(BASE, new Map([["m", { x: 400, y: 0 }]])), "s", { label: "他的" }), new Set(["p"]));
    const { graph, clashes } = merge(BASE, mine, theirs);
    expect(clashes).toEqual([]);
    expect([label(graph, "m"), label(graph, "s"), ids(graph)]).toEqual(["我的", "他的", ["m", "s", "x"]]);
    expect(graph.blocks.find((block) => block.id === "m")?.position.x).toBe(400);
  });

  it("names the blocks where one must choose, and keeps mine", () => {
    const mine = configure(BASE, "m", { a: 1 }, KINDS);
    const theirs = configure(BASE, "m", { a: 2 }, KINDS);
    expect(merge(BASE, mine, theirs).clashes).toEqual(["m"]);
    expect(merge(BASE, mine, mine).clashes).toEqual([]);
    const led = connect(removeBlocks(BASE, new Set()), { from: "m", port: "sent", to: "x" }, KINDS);
    expect(merge(BASE, led, { ...BASE, arrows: BASE.arrows.filter((arrow) => arrow.port !== "sent") }).clashes).toEqual(["m"]);
    // Dropped here, worked on there: it is not lost.
    expect(ids(merge(BASE, removeBlocks(BASE, new Set(["m"])), theirs).graph)).toContain("m");
  });

  it("lets both keep a block that each added under the same id", () => {
    const block = { id: "b5", kind: "points", version: 1, config: {}, position: { x: 0, y: 0 } };
    const mine = { ...BASE, blocks: [...BASE.blocks, block] };
    const theirs = { ...BASE, blocks: [...BASE.blocks, { ...block, label: "他的" }], arrows: [...BASE.arrows, { from: "b5", port: "done", to: "x" }] };
    const { graph } = merge(BASE, mine, theirs);
    expect(ids(graph)).toEqual(["b5", "b5_2", "m", "p", "s", "x"]);
    expect(graph.arrows).toContainEqual({ from: "b5_2", port: "done", to: "x" });
  });

  it("never loses a change that one side alone made, and never leaves an arrow in the air", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const roll = dice(seed);
      const draw = (who: string) => {
        let graph = BASE;
        for (let step = 0; step < 3; step += 1) {
          const id = BASE.blocks[roll(4)]?.id ?? "s";
          const what = roll(3);
          if (what === 0) graph = rename(graph, id, { label: `${who}${step}` });
          else if (what === 1) graph = removeBlocks(graph, new Set([id]));
          else graph = moveBlocks(graph, new Map([[id, { x: roll(50) * 8, y: roll(50) * 8 }]]));
        }
        return graph;
      };
      const [mine, theirs] = [draw("我"), draw("他")];
      const { graph, clashes } = merge(BASE, mine, theirs);
      const known = new Set(ids(graph));
      expect(graph.arrows.every((arrow) => known.has(arrow.from) && known.has(arrow.to))).toBe(true);
      for (const { id } of BASE.blocks) {
        const [here, there] = [label(mine, id), label(theirs, id)];
        if (here !== undefined) expect(label(graph, id), `${seed} ${id}`).toBe(here);
        else if (there !== undefined && mine.blocks.some((block) => block.id === id)) expect(label(graph, id), `${seed} ${id}`).toBe(there);
      }
      expect(new Set(clashes).size).toBe(clashes.length);
    }
  });
});

describe("stickies and frames", () => {
  it("a frame stands around its blocks and takes them along", () => {
    const { graph, id } = addFrame(BASE, KINDS, new Set(["s", "m"]), { x: 0, y: 0 });
    const noted = addSticky(graph, { x: 8, y: 8 });
    const moved = moveFrame(noted.graph, KINDS, id, { x: 1_000, y: 0 });
    const at = (name: string) => moved.blocks.find((block) => block.id === name)?.position.x ?? 0;
    expect(at("m")).toBeGreaterThan(900);
    expect(at("x")).toBe(0);
    expect(changeExtra(moved, noted.id, { text: "记得" }).stickies?.[0]?.text).toBe("记得");
    expect(removeExtra(moved, new Set([id, noted.id])).frames).toEqual([]);
    expect(removeExtra(BASE, new Set(["nothing"]))).toBe(BASE);
  });
});
