import { describe as group, expect, test } from "vitest";
import { arrange, arrowKey, boxesOf, moveBlocks, routes, type Graph, type Kinds, type Point } from ".";
import { BUSY, FIRST_STORY, KINDS, randomFlow, sketch } from "./drawings";

function tidy(graph: Graph): Graph {
  return moveBlocks(graph, arrange(graph, KINDS));
}

interface Stretch {
  key: string;
  net: string;
  one: Point;
  other: Point;
}

function stretches(graph: Graph, height?: number): Stretch[] {
  const ways = routes(graph, KINDS, height);
  return graph.arrows.flatMap((arrow) => {
    const points = ways.get(arrowKey(arrow)) ?? [];
    return points.slice(1).map((other, index) => ({ key: arrowKey(arrow), net: arrow.to, one: points[index] ?? other, other }));
  });
}

/** Stretches that run through the inside of any block. */
function behindBlocks(graph: Graph, kinds: Kinds, height?: number): string[] {
  const boxes = boxesOf(graph, kinds, height);
  return stretches(graph, height).flatMap(({ key, one, other }) =>
    boxes.flatMap((box) => {
      const inside = Math.max(one.x, other.x) > box.x && Math.min(one.x, other.x) < box.x + box.width && Math.max(one.y, other.y) > box.y && Math.min(one.y, other.y) < box.y + box.height;
      return inside ? [`${key} behind ${box.id}`] : [];
    }),
  );
}

/** Stretches of arrows to different targets that lie on top of one another: one could not tell where they lead. */
function onTop(graph: Graph): string[] {
  const all = stretches(graph);
  return all.flatMap((line, index) =>
    all.slice(index + 1).flatMap((next) => {
      const upright = line.one.x === line.other.x;
      if (line.net === next.net || upright !== (next.one.x === next.other.x)) return [];
      const [at, along] = upright ? (["x", "y"] as const) : (["y", "x"] as const);
      const shared = Math.min(Math.max(line.one[along], line.other[along]), Math.max(next.one[along], next.other[along])) - Math.max(Math.min(line.one[along], line.other[along]), Math.min(next.one[along], next.other[along]));
      return Math.abs(line.one[at] - next.one[at]) < 4 && shared > 2 ? [`${line.key} on ${next.key}`] : [];
    }),
  );
}

function overlaps(graph: Graph): string[] {
  const boxes = boxesOf(graph, KINDS);
  return boxes.flatMap((one, index) =>
    boxes.slice(index + 1).flatMap((other) => (one.x < other.x + other.width + 8 && other.x < one.x + one.width + 8 && one.y < other.y + other.height && other.y < one.y + one.height ? [`${one.id} ${other.id}`] : [])),
  );
}

const place = (graph: Graph, id: string) => graph.blocks.find((block) => block.id === id)?.position ?? { x: NaN, y: NaN };
const RANDOM = [3, 8, 15, 30, 60, 120, 200].flatMap((size) => [1, 2, 3].map((seed) => ({ size, seed })));

group.each([
  ["the first story", FIRST_STORY],
  ["a busy flow", BUSY],
])("tidying up %s", (_name, drawn) => {
  const graph = tidy(drawn);

  test("no arrow runs behind a block, being edited or watched", () => {
    expect(behindBlocks(graph, KINDS)).toEqual([]);
    expect(behindBlocks(graph, KINDS, 112)).toEqual([]);
  });

  test("arrows to different targets never lie on one another", () => {
    expect(onTop(graph)).toEqual([]);
  });

  test("pressing again changes nothing, wherever the blocks were before", () => {
    expect(tidy(graph)).toBe(graph);
    const scattered = { ...drawn, blocks: drawn.blocks.map((block, index) => ({ ...block, position: { x: (index % 3) * 400, y: 4_000 - index * 120 } })) };
    expect(tidy(scattered).blocks).toEqual(graph.blocks);
  });

  test("ends lie below everything that leads to them", () => {
    for (const arrow of graph.arrows) if (/^(x|exit|g|goal)$/.test(arrow.to)) expect(place(graph, arrow.to).y).toBeGreaterThan(place(graph, arrow.from).y);
  });
});

group.each(RANDOM)("tidying up $size random blocks (seed $seed)", ({ size, seed }) => {
  const graph = tidy(randomFlow(size, seed));

  test("blocks stand apart, no arrow runs behind one, all go down but those that close a loop", () => {
    expect(overlaps(graph)).toEqual([]);
    expect(behindBlocks(graph, KINDS)).toEqual([]);
    expect(behindBlocks(graph, KINDS, 112)).toEqual([]);
    expect(tidy(graph)).toBe(graph);
  });
});

test("ways leave in the order of their ports", () => {
  const graph = tidy(sketch("s:segment f:four a:points b:points c:points d:points x:exit", "s.entered>f f.a>d f.b>c f.c>b f.d>a a.done>x b.done>x c.done>x d.done>x"));
  const xs = ["d", "c", "b", "a"].map((id) => place(graph, id).x);
  expect(xs).toEqual([...xs].sort((one, other) => one - other));
});

test("a straight line stays straight, and what forks stands over the middle of what it leads to", () => {
  const line = tidy(sketch("s:segment p:points x:exit", "s.entered>p p.done>x"));
  expect(new Set(line.blocks.map((block) => block.position.x)).size).toBe(1);
  const fork = tidy(sketch("s:segment h:split a:exit b:exit", "s.entered>h h.w1>a h.w2>b"));
  expect(2 * place(fork, "h").x).toBe(place(fork, "a").x + place(fork, "b").x);
});

test("all ways of a block to one target leave as one line, with one head", () => {
  const graph = tidy(sketch("s:segment f:four x:exit", "s.entered>f f.a>x f.b>x f.c>x f.d>x"));
  const ways = [...routes(graph, KINDS)].filter(([key]) => key.startsWith("f:")).map(([, points]) => points);
  expect(ways).toHaveLength(4);
  expect(new Set(ways.map((points) => points[1]?.y)).size).toBe(1);
  expect(new Set(ways.map((points) => points.at(-1)?.x)).size).toBe(1);
});

test("where one way turns down, none to another target begins", () => {
  // The first way leads below the middle, and the middle way leaves to the side, each at a height of its own.
  const drawn = sketch("c:coupon m:points x:exit", "c.issued>m c.sold_out>x c.limit_reached>x m.done>x");
  const graph = moveBlocks(drawn, new Map([["c", { x: 0, y: 0 }], ["m", { x: 0, y: 176 }], ["x", { x: 280, y: 400 }]]));
  const ways = routes(graph, KINDS);
  const corners = ways.get("c:issued:m") ?? [];
  for (const other of ["c:sold_out:x", "c:limit_reached:x"]) for (const point of ways.get(other) ?? []) expect(corners).not.toContainEqual(point);
  expect(corners).toHaveLength(4);
});

test("around blocks placed by hand, arrows find a way as well", () => {
  const wall = sketch("s:segment a:points b:points c:points x:exit", "s.entered>x a.done>x");
  const at: Record<string, Point> = { s: { x: 400, y: 0 }, a: { x: 200, y: 200 }, b: { x: 450, y: 220 }, c: { x: 700, y: 190 }, x: { x: 400, y: 500 } };
  const graph = moveBlocks(wall, new Map(Object.entries(at)));
  expect(behindBlocks(graph, KINDS)).toEqual([]);
});

test("200 blocks are arranged and their arrows led within the time of a blink", () => {
  const drawn = randomFlow(200, 7);
  tidy(drawn);
  // What the machine does besides does not count, so that a busy one cannot fail the test.
  const worked = () => process.cpuUsage().user / 1_000;
  const began = worked();
  const graph = tidy(drawn);
  const arranged = worked();
  routes(graph, KINDS);
  const led = worked();
  console.info(`200 blocks, ${graph.arrows.length} arrows: arranged in ${(arranged - began).toFixed(0)} ms of CPU, led in ${(led - arranged).toFixed(0)} ms`);
  // The measured figures are a tenth of this.
  expect(led - began).toBeLessThan(3_000);
});
