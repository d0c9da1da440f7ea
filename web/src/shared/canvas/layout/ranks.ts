import { portsOf, type Graph, type Kinds } from "../model";

/** One way of a block and where it leads; `share` is where along the block's lower edge it leaves (0..1). */
export interface Link {
  from: string;
  to: string;
  share: number;
}

/** Every arrow between blocks that exist, in the order of the blocks and of their ports. */
export function linksOf(graph: Graph, kinds: Kinds): Link[] {
  const ids = new Set(graph.blocks.map((block) => block.id));
  const arrows = new Map<string, { port: string; to: string }[]>();
  for (const arrow of graph.arrows) {
    if (!ids.has(arrow.to) || arrow.from === arrow.to) continue;
    arrows.set(arrow.from, [...(arrows.get(arrow.from) ?? []), arrow]);
  }
  return graph.blocks.flatMap((block) => {
    const ports = portsOf(kinds.get(block.kind), block.config).map((port) => port.name);
    const own = (arrows.get(block.id) ?? []).map((arrow) => ({ to: arrow.to, index: ports.indexOf(arrow.port) }));
    own.sort((one, other) => one.index - other.index);
    return own.map(({ to, index }) => ({ from: block.id, to, share: index < 0 ? 0.5 : (index + 0.5) / ports.length }));
  });
}

/** Blocks in the order in which somebody would read them: from the starts, first way first. */
export function reading(graph: Graph, kinds: Kinds, links: readonly Link[]): { order: string[]; closing: ReadonlySet<Link> } {
  const onward = new Map<string, Link[]>();
  for (const link of links) onward.set(link.from, [...(onward.get(link.from) ?? []), link]);
  const reached = new Set(links.map((link) => link.to));
  const isRoot = (id: string, kind: string) => kinds.get(kind)?.role === "start" || !reached.has(id);
  const roots = [...graph.blocks.filter((block) => isRoot(block.id, block.kind)), ...graph.blocks];
  const state = new Map<string, "open" | "done">();
  const order: string[] = [];
  const closing = new Set<Link>();
  const walk = (id: string): void => {
    state.set(id, "open");
    order.push(id);
    for (const link of onward.get(id) ?? []) {
      const seen = state.get(link.to);
      if (seen === "open") closing.add(link);
      else if (seen === undefined) walk(link.to);
    }
    state.set(id, "done");
  };
  for (const root of roots) if (!state.has(root.id)) walk(root.id);
  return { order, closing };
}

/** The row of every block: one below the lowest that leads to it, not counting arrows that close a loop. */
export function ranksOf(order: readonly string[], links: readonly Link[], closing: ReadonlySet<Link>): Map<string, number> {
  const before = new Map<string, string[]>();
  for (const link of links) if (!closing.has(link)) before.set(link.to, [...(before.get(link.to) ?? []), link.from]);
  const rows = new Map<string, number>();
  const rowOf = (id: string): number => {
    const known = rows.get(id);
    if (known !== undefined) return known;
    const row = Math.max(-1, ...(before.get(id) ?? []).map(rowOf)) + 1;
    rows.set(id, row);
    return row;
  };
  for (const id of order) rowOf(id);
  return rows;
}
