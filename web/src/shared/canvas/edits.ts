import { blockOf, freeId, portsOf, type Arrow, type Block, type Config, type Graph, type Kind, type Kinds, type Point, type Settings } from "./model";
import { snap } from "./sizes";

/** Every edit answers a new graph, or the very same one when there was nothing to change. */

export function addBlock(graph: Graph, kind: Kind, position: Point): { graph: Graph; id: string } {
  const id = freeId(graph.blocks.map((block) => block.id));
  const block: Block = { id, kind: kind.kind, version: kind.version, config: kind.default_config, position: snap(position) };
  return { graph: { ...graph, blocks: [...graph.blocks, block] }, id };
}

/** Puts a block into an arrow: what came before leads into it, its first port leads on. */
export function insertInto(graph: Graph, arrow: Arrow, id: string, kinds: Kinds): Graph {
  const block = blockOf(graph, id);
  const kind = block && kinds.get(block.kind);
  if (!block || !kind || kind.role === "start" || !graph.arrows.some((one) => sameArrow(one, arrow))) return graph;
  const first = portsOf(kind, block.config)[0];
  const rest = graph.arrows.filter((one) => !sameArrow(one, arrow));
  const onward = first ? [{ from: id, port: first.name, to: arrow.to }] : [];
  return { ...graph, arrows: [...rest, { ...arrow, to: id }, ...onward] };
}

/** Puts a block after another: from its first way that leads nowhere yet, else in between on its first way. */
export function follow(graph: Graph, after: string, id: string, kinds: Kinds): Graph {
  const from = blockOf(graph, after);
  const ports = from ? portsOf(kinds.get(from.kind), from.config) : [];
  const taken = (port: string) => graph.arrows.find((arrow) => arrow.from === after && arrow.port === port);
  const open = ports.find((port) => !taken(port.name));
  if (open) return connect(graph, { from: after, port: open.name, to: id }, kinds);
  const first = ports[0] && taken(ports[0].name);
  return first ? insertInto(graph, first, id, kinds) : graph;
}

export function removeBlocks(graph: Graph, ids: ReadonlySet<string>): Graph {
  if (!graph.blocks.some((block) => ids.has(block.id))) return graph;
  return {
    ...graph,
    blocks: graph.blocks.filter((block) => !ids.has(block.id)),
    arrows: graph.arrows.filter((arrow) => !ids.has(arrow.from) && !ids.has(arrow.to)),
  };
}

/** Where the keyboard goes on when these blocks are gone: to what led to them, else to any block that stays. */
export function besides(graph: Graph, ids: ReadonlySet<string>): string | null {
  const leading = graph.arrows.find((arrow) => ids.has(arrow.to) && !ids.has(arrow.from));
  return leading?.from ?? graph.blocks.find((block) => !ids.has(block.id))?.id ?? null;
}

export function moveBlocks(graph: Graph, places: ReadonlyMap<string, Point>): Graph {
  const blocks = graph.blocks.map((block) => {
    const wanted = places.get(block.id);
    if (!wanted) return block;
    const position = snap(wanted);
    if (position.x === block.position.x && position.y === block.position.y) return block;
    return { ...block, position };
  });
  return blocks.some((block, index) => block !== graph.blocks[index]) ? { ...graph, blocks } : graph;
}

export function sameArrow(one: Arrow, other: Arrow): boolean {
  return one.from === other.from && one.port === other.port && one.to === other.to;
}

export function arrowId(arrow: Arrow): string {
  return `${arrow.from}:${arrow.port}:${arrow.to}`;
}

export type Refusal = "self" | "start" | "unknown" | "end";

/** Why an arrow cannot be drawn, or null when it can. */
export function refusal(graph: Graph, arrow: Arrow, kinds: Kinds): Refusal | null {
  const from = blockOf(graph, arrow.from);
  const to = blockOf(graph, arrow.to);
  if (!from || !to) return "unknown";
  if (arrow.from === arrow.to) return "self";
  if (kinds.get(to.kind)?.role === "start") return "start";
  if (kinds.get(from.kind)?.role === "end") return "end";
  return portsOf(kinds.get(from.kind), from.config).some((port) => port.name === arrow.port) ? null : "unknown";
}

/** The blocks to which an arrow from this one may be drawn, in the order of reading: from the top, from the left. */
export function connectable(graph: Graph, from: string, kinds: Kinds): Block[] {
  const targets = graph.blocks.filter((block) => block.id !== from && kinds.get(block.kind)?.role !== "start");
  return targets.sort((one, other) => one.position.y - other.position.y || one.position.x - other.position.x);
}

/** A port has one arrow: drawing a second one from it moves the first. Many arrows may lead into a block. */
export function connect(graph: Graph, arrow: Arrow, kinds: Kinds): Graph {
  if (refusal(graph, arrow, kinds) || graph.arrows.some((one) => sameArrow(one, arrow))) return graph;
  const rest = graph.arrows.filter((one) => one.from !== arrow.from || one.port !== arrow.port);
  return { ...graph, arrows: [...rest, arrow] };
}

export function disconnect(graph: Graph, arrow: Arrow): Graph {
  const arrows = graph.arrows.filter((one) => !sameArrow(one, arrow));
  return arrows.length === graph.arrows.length ? graph : { ...graph, arrows };
}

function replaceBlock(graph: Graph, id: string, change: (block: Block) => Block): Graph {
  return { ...graph, blocks: graph.blocks.map((block) => (block.id === id ? change(block) : block)) };
}

/** Ways are known by name for ever, so a new one gets a name of its own that no other way of the block has. */
function named(kind: Kind | undefined, config: Config): Config {
  const source = kind?.port_source;
  const items = source ? config[source.field] : undefined;
  if (!source || !Array.isArray(items)) return config;
  const taken = new Set<string>([...source.before, ...source.after].map((port) => port.name));
  const result = (items as Record<string, unknown>[]).map((item) => {
    const own = item[source.name];
    const name = typeof own === "string" && own !== "" && !taken.has(own) ? own : freeId(new Set([...taken, ...items.map((one: Record<string, unknown>) => String(one[source.name]))]), "w");
    taken.add(name);
    return name === own ? item : { ...item, [source.name]: name };
  });
  return result.some((item, index) => item !== items[index]) ? { ...config, [source.field]: result } : config;
}

/** A new configuration; arrows of ports that no longer exist go with them. */
export function configure(graph: Graph, id: string, wanted: Config, kinds: Kinds): Graph {
  const block = blockOf(graph, id);
  if (!block) return graph;
  const config = named(kinds.get(block.kind), wanted);
  const names = new Set(portsOf(kinds.get(block.kind), config).map((port) => port.name));
  const known = kinds.has(block.kind);
  const arrows = known ? graph.arrows.filter((arrow) => arrow.from !== id || names.has(arrow.port)) : graph.arrows;
  return { ...replaceBlock(graph, id, (one) => ({ ...one, config })), arrows };
}

export function describe(graph: Graph, id: string, words: { label?: string; note?: string; human?: boolean }): Graph {
  return replaceBlock(graph, id, (block) => ({ ...block, ...words }));
}

export function settle(graph: Graph, settings: Settings): Graph {
  return { ...graph, settings };
}
