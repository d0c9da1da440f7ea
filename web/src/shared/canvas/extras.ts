import { freeId, type Frame, type Graph, type Hue, type Kinds, type Point, type Sticky } from "./model";
import { boxesOf, snap } from "./sizes";

/** Stickies and frames: what people put around blocks. Nobody passes them; they undo and travel like blocks. */
const AIR = 32;
const TITLE = 40;

function taken(graph: Graph): string[] {
  return [...graph.blocks, ...(graph.stickies ?? []), ...(graph.frames ?? [])].map((one) => one.id);
}

export function addSticky(graph: Graph, position: Point): { graph: Graph; id: string } {
  const id = freeId(taken(graph), "n");
  const sticky: Sticky = { id, text: "", position: snap(position), width: 224, height: 144, hue: "yellow" };
  return { graph: { ...graph, stickies: [...(graph.stickies ?? []), sticky] }, id };
}

/** A frame around these blocks, with air on every side; around nothing it stands where it is wanted. */
export function addFrame(graph: Graph, kinds: Kinds, ids: ReadonlySet<string>, wanted: Point): { graph: Graph; id: string } {
  const id = freeId(taken(graph), "f");
  const boxes = boxesOf(graph, kinds).filter((box) => ids.has(box.id));
  const left = Math.min(...boxes.map((box) => box.x)) - AIR;
  const top = Math.min(...boxes.map((box) => box.y)) - AIR - TITLE;
  const size = { width: Math.max(...boxes.map((box) => box.x + box.width)) + AIR - left, height: Math.max(...boxes.map((box) => box.y + box.height)) + AIR - top };
  const place = boxes.length > 0 ? { position: { x: left, y: top }, ...size } : { position: snap(wanted), width: 480, height: 320 };
  const frame: Frame = { id, title: "", hue: "blue", ...place };
  return { graph: { ...graph, frames: [...(graph.frames ?? []), frame] }, id };
}

export type Extra = Partial<{ text: string; title: string; hue: Hue; width: number; height: number; position: Point }>;

/** Another text, colour, size or place of a sticky or a frame. */
export function changeExtra(graph: Graph, id: string, change: Extra): Graph {
  const apply = <T extends { id: string }>(list: readonly T[] | undefined) => (list ?? []).map((one) => (one.id === id ? { ...one, ...change } : one));
  return { ...graph, stickies: apply(graph.stickies), frames: apply(graph.frames) };
}

export function removeExtra(graph: Graph, ids: ReadonlySet<string>): Graph {
  const rest = <T extends { id: string }>(list: readonly T[] | undefined) => (list ?? []).filter((one) => !ids.has(one.id));
  const stickies = rest(graph.stickies);
  const frames = rest(graph.frames);
  const same = stickies.length === (graph.stickies ?? []).length && frames.length === (graph.frames ?? []).length;
  return same ? graph : { ...graph, stickies, frames };
}

/** The blocks and stickies that stand wholly inside a frame. */
export function framed(graph: Graph, kinds: Kinds, id: string): ReadonlySet<string> {
  const frame = graph.frames?.find((one) => one.id === id);
  if (!frame) return new Set();
  const inside = (box: Point & { width: number; height: number }) => box.x >= frame.position.x && box.y >= frame.position.y && box.x + box.width <= frame.position.x + frame.width && box.y + box.height <= frame.position.y + frame.height;
  const boxes = [...boxesOf(graph, kinds), ...(graph.stickies ?? []).map((one) => ({ id: one.id, ...one.position, width: one.width, height: one.height }))];
  return new Set(boxes.filter(inside).map((box) => box.id));
}

/** Moving a frame takes along the blocks and stickies that stand wholly inside it. */
export function moveFrame(graph: Graph, kinds: Kinds, id: string, to: Point): Graph {
  const frame = graph.frames?.find((one) => one.id === id);
  if (!frame) return graph;
  const by = { x: snap(to).x - frame.position.x, y: snap(to).y - frame.position.y };
  if (by.x === 0 && by.y === 0) return graph;
  const along = framed(graph, kinds, id);
  const shift = (point: Point) => ({ x: point.x + by.x, y: point.y + by.y });
  return {
    ...graph,
    blocks: graph.blocks.map((block) => (along.has(block.id) ? { ...block, position: shift(block.position) } : block)),
    stickies: (graph.stickies ?? []).map((one) => (along.has(one.id) ? { ...one, position: shift(one.position) } : one)),
    frames: (graph.frames ?? []).map((one) => (one.id === id ? { ...one, position: shift(one.position) } : one)),
  };
}
