import { describe as group, expect, test } from "vitest";
import {
  addBlock,
  arrange,
  besides,
  blockOf,
  compare,
  configure,
  connect,
  copyBlocks,
  disconnect,
  EMPTY,
  follow,
  history,
  insertInto,
  isSame,
  moveBlocks,
  pasteBlocks,
  portsOf,
  refusal,
  removeBlocks,
  sketchFindings,
  type Arrow,
  type Graph,
  type Kind,
  type Kinds,
  type Role,
} from ".";

const words = (text: string) => ({ zh: text, en: text });

function kind(name: string, role: Role, ports: string[], source: Kind["port_source"] = null): Kind {
  return {
    kind: name,
    version: 1,
    group: "flow",
    role,
    label: words(name),
    help: words(name),
    icon: "block",
    needs: [],
    config_schema: {},
    default_config: {},
    ports: ports.map((port) => ({ name: port, label: words(port) })),
    port_source: source,
  };
}

const branch = kind("branch", "step", ["else"], { field: "ways", name: "name", label: "label", before: [], after: [{ name: "else", label: words("else") }] });
const kinds: Kinds = new Map(
  [kind("start", "start", ["done"]), kind("step", "step", ["done"]), kind("wait", "wait", ["done"]), kind("end", "end", []), branch].map((one) => [one.kind, one]),
);

/** `draw("start step end", "1>2 2>3")`: blocks b1, b2, ... and arrows from the port "done" unless named `1.else>3`. */
function draw(blocks: string, arrows = ""): Graph {
  return {
    blocks: blocks.split(" ").map((name, index) => ({ id: `b${index + 1}`, kind: name, version: 1, config: {}, position: { x: 0, y: index * 100 } })),
    arrows: arrows
      .split(" ")
      .filter(Boolean)
      .map((text): Arrow => {
        const [from = "", to = ""] = text.split(">");
        const [id = "", port = "done"] = from.split(".");
        return { from: `b${id}`, port, to: `b${to}` };
      }),
    settings: {},
  };
}

const codes = (graph: Graph) => sketchFindings(graph, kinds).map((finding) => `${finding.code}:${finding.block ?? ""}`);

test("a block whose drawing leaves its ways to the block has those it has by itself", () => {
  const source = { field: "answers", name: "name", label: "label", before: [], after: [{ name: "timeout", label: { zh: "逾期", en: "Late" } }] };
  const task = { ...kind("task", "step", [], source), config_schema: { properties: { answers: { default: [{ name: "yes", label: "同意 | Approve" }] } } } };
  expect(portsOf(task, {}).map((port) => [port.name, port.label.en])).toEqual([
    ["yes", "Approve"],
    ["timeout", "Late"],
  ]);
});

group("editing", () => {
  test("a new block takes the shortest free id and the kind's defaults", () => {
    const step = kinds.get("step");
    if (!step) throw new Error("no kind");
    const one = addBlock(draw("start step"), step, { x: 3, y: 13 });
    expect(one.id).toBe("b3");
    expect(blockOf(one.graph, "b3")).toMatchObject({ kind: "step", position: { x: 0, y: 16 } });
  });

  test("a port has one arrow, a block takes many", () => {
    const first = connect(draw("start step end"), { from: "b1", port: "done", to: "b2" }, kinds);
    const moved = connect(first, { from: "b1", port: "done", to: "b3" }, kinds);
    expect(moved.arrows).toEqual([{ from: "b1", port: "done", to: "b3" }]);
    expect(connect(moved, { from: "b2", port: "done", to: "b3" }, kinds).arrows).toHaveLength(2);
  });

  test.each([
    [{ from: "b1", port: "done", to: "b1" }, "self"],
    [{ from: "b2", port: "done", to: "b1" }, "start"],
    [{ from: "b3", port: "done", to: "b2" }, "end"],
    [{ from: "b2", port: "nope", to: "b3" }, "unknown"],
    [{ from: "b9", port: "done", to: "b3" }, "unknown"],
  ] as const)("refuses %o", (arrow, why) => {
    const graph = draw("start step end");
    expect(refusal(graph, arrow, kinds)).toBe(why);
    expect(connect(graph, arrow, kinds)).toBe(graph);
  });

  test("removing a block takes its arrows with it and nothing else", () => {
    const left = removeBlocks(draw("start step step end", "1>2 2>3 3>4"), new Set(["b2"]));
    expect(left.blocks.map((block) => block.id)).toEqual(["b1", "b3", "b4"]);
    expect(left.arrows).toEqual([{ from: "b3", port: "done", to: "b4" }]);
  });

  test("dropping a block on an arrow joins it in between", () => {
    const graph = insertInto(draw("start end step", "1>2"), { from: "b1", port: "done", to: "b2" }, "b3", kinds);
    expect(graph.arrows).toEqual([
      { from: "b1", port: "done", to: "b3" },
      { from: "b3", port: "done", to: "b2" },
    ]);
  });

  test("a block put after another takes its first open way, else goes in between", () => {
    const ways = { ways: [{ name: "w1", label: "A" }] };
    const two = configure(draw("branch end step step", "1.w1>2"), "b1", ways, kinds);
    const open = follow(connect(two, { from: "b1", port: "w1", to: "b2" }, kinds), "b1", "b3", kinds);
    expect(open.arrows).toContainEqual({ from: "b1", port: "else", to: "b3" });
    const full = follow(open, "b1", "b4", kinds);
    expect(full.arrows).toContainEqual({ from: "b1", port: "w1", to: "b4" });
    expect(full.arrows).toContainEqual({ from: "b4", port: "done", to: "b2" });
  });

  test("a way that is deleted takes its arrow with it, the others stay", () => {
    const ways = [
      { name: "w1", label: "老客" },
      { name: "w2", label: "新客" },
    ];
    const two = configure(draw("branch end end", "1.else>3"), "b1", { ways }, kinds);
    expect(portsOf(branch, { ways }).map((port) => port.name)).toEqual(["w1", "w2", "else"]);
    const joined = connect(connect(two, { from: "b1", port: "w1", to: "b2" }, kinds), { from: "b1", port: "w2", to: "b2" }, kinds);
    const less = configure(joined, "b1", { ways: ways.slice(1) }, kinds);
    expect(less.arrows.map((arrow) => arrow.port).sort()).toEqual(["else", "w2"]);
  });

  test("a way is called in the reader's language where it has both", () => {
    const ways = [{ name: "w1", label: "同意 | Approve" }, { name: "w2", label: "再看" }];
    expect(portsOf(branch, { ways }).map((port) => port.label).slice(0, 2)).toEqual([{ zh: "同意", en: "Approve" }, words("再看")]);
  });

  test("a new way gets a name of its own, existing names stay", () => {
    const ways = [{ name: "w2", label: "a" }, { label: "b" }, { name: "w2", label: "c" }];
    const graph = configure(draw("branch"), "b1", { ways }, kinds);
    const names = portsOf(branch, blockOf(graph, "b1")?.config ?? {}).map((port) => port.name);
    expect(names[0]).toBe("w2");
    expect(new Set(names).size).toBe(4);
  });

  test("nothing to change gives back the very same graph", () => {
    const graph = draw("start end", "1>2");
    expect(moveBlocks(graph, new Map([["b1", { x: 2, y: 1 }]]))).toBe(graph);
    expect(removeBlocks(graph, new Set(["b7"]))).toBe(graph);
    expect(disconnect(graph, { from: "b2", port: "done", to: "b1" })).toBe(graph);
  });
});

group("copy and paste", () => {
  test("a copy has fresh ids and only the arrows inside", () => {
    const graph = draw("start step step end", "1>2 2>3 3>4");
    const text = copyBlocks(graph, new Set(["b2", "b3"]));
    const pasted = pasteBlocks(graph, text ?? "");
    expect(pasted?.ids).toEqual(["b5", "b6"]);
    expect(pasted?.graph.arrows.at(-1)).toEqual({ from: "b5", port: "done", to: "b6" });
    expect(pasted?.graph.blocks).toHaveLength(6);
  });

  test.each(["", "hello", "[]", '{"format":"other"}'])("foreign text %j is left alone", (text) => {
    expect(pasteBlocks(EMPTY, text)).toBeNull();
  });
});

group("undo", () => {
  test("goes back and forth without end, and a new edit ends the future", () => {
    let line = history.begin(0);
    for (const value of [1, 2, 3]) line = history.record(line, value);
    line = history.undo(history.undo(line));
    expect(line.present).toBe(1);
    expect(history.redo(line).present).toBe(2);
    line = history.record(line, 9);
    expect(history.redo(line)).toBe(line);
    expect(history.undo(history.undo(history.undo(line))).present).toBe(0);
  });

  test("edits of one run undo as one", () => {
    let line = history.record(history.begin("a"), "b", "type");
    line = history.record(line, "c", "type");
    expect(history.undo(line).present).toBe("a");
    expect(history.undo(history.record(history.pause(line), "d", "type")).present).toBe("c");
  });
});

test("the keyboard goes on at what led to the blocks that are gone", () => {
  const graph = draw("start step end", "1>2 2>3");
  expect(besides(graph, new Set(["b3"]))).toBe("b2");
  expect(besides(graph, new Set(["b2", "b3"]))).toBe("b1");
  expect(besides(graph, new Set(["b1"]))).toBe("b2");
  expect(besides(graph, new Set(["b1", "b2", "b3"]))).toBeNull();
});

group("checks while drawing", () => {
  test("a finished flow has nothing to say", () => {
    expect(codes(draw("start step end", "1>2 2>3"))).toEqual([]);
  });

  test("names what is missing, and where", () => {
    expect(codes(EMPTY)).toEqual(["empty:"]);
    expect(codes(draw("step end", "1>2"))).toEqual(["noStart:"]);
    expect(codes(draw("start step end", "1>2"))).toEqual(["openPort:b2", "unreachable:b3"]);
    expect(codes(draw("start mystery", "1>2"))).toContain("unknownKind:b2");
  });

  test("a loop must wait", () => {
    expect(codes(draw("start step branch end", "1>2 2>3 3.else>2"))).toEqual(expect.arrayContaining(["busyLoop:b2", "busyLoop:b3"]));
    expect(codes(draw("start wait branch end", "1>2 2>3 3.else>2")).filter((code) => code.startsWith("busyLoop"))).toEqual([]);
  });
});

group("layout", () => {
  test("no two blocks overlap and every arrow but a loop's goes down", () => {
    const graph = draw("start branch step step end wait", "1>2 2.else>3 3>5 4>5 6>2");
    const places = arrange(graph, kinds);
    const seen = [...places.values()].map((point) => `${point.x} ${point.y}`);
    expect(new Set(seen).size).toBe(graph.blocks.length);
    for (const arrow of graph.arrows) expect(places.get(arrow.to)?.y).toBeGreaterThan(places.get(arrow.from)?.y ?? 0);
  });

  test("survives loops and gives the same picture twice", () => {
    const graph = draw("start wait branch end", "1>2 2>3 3.else>2");
    expect([...arrange(graph, kinds)]).toEqual([...arrange(graph, kinds)]);
  });
});

group("difference to the published version", () => {
  test("moving a block is no change, configuring one is", () => {
    const graph = draw("start step end", "1>2 2>3");
    expect(isSame(compare(graph, moveBlocks(graph, new Map([["b1", { x: 800, y: 0 }]]))))).toBe(true);
    const changed = compare(graph, removeBlocks(configure(graph, "b2", { days: 3 }, kinds), new Set(["b3"])));
    expect(changed.changed).toEqual(["b2"]);
    expect(changed.removed.map((block) => block.id)).toEqual(["b3"]);
    expect(changed.arrowsRemoved).toHaveLength(1);
  });
});
