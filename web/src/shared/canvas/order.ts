import { jumpOf, type Block, type Graph, type Kinds } from "./model";

/** A place in the list of steps: `depth` is how many steps it is away from where customers come in. */
export interface Step {
  block: Block;
  depth: number;
}

/** The blocks as a list that reads from the top: each start, then what follows it step by step; what nobody reaches comes last. */
export function readingOrder(graph: Graph, kinds: Kinds): Step[] {
  const blocks = new Map(graph.blocks.map((block) => [block.id, block]));
  const onward = new Map<string, string[]>();
  const lead = (from: string, to: string) => onward.set(from, [...(onward.get(from) ?? []), to]);
  for (const arrow of graph.arrows) lead(arrow.from, arrow.to);
  for (const block of graph.blocks) {
    const jump = jumpOf(block);
    if (jump !== null) lead(block.id, jump);
  }
  const byPlace = (one: Block, other: Block) => one.position.y - other.position.y || one.position.x - other.position.x;
  const starts = graph.blocks.filter((block) => kinds.get(block.kind)?.role === "start").sort(byPlace);
  const depth = new Map(starts.map((block) => [block.id, 0]));
  const queue = starts.map((block) => block.id);
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const next of onward.get(id) ?? []) {
      if (depth.has(next) || !blocks.has(next)) continue;
      depth.set(next, (depth.get(id) ?? 0) + 1);
      queue.push(next);
    }
  }
  const reached = graph.blocks.filter((block) => depth.has(block.id));
  reached.sort((one, other) => (depth.get(one.id) ?? 0) - (depth.get(other.id) ?? 0) || byPlace(one, other));
  const rest = graph.blocks.filter((block) => !depth.has(block.id)).sort(byPlace);
  return [...reached.map((block) => ({ block, depth: depth.get(block.id) ?? 0 })), ...rest.map((block) => ({ block, depth: 0 }))];
}
