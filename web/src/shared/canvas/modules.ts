import type { Words } from "@/shared/i18n";
import { connect, follow, sameArrow } from "./edits";
import { blockOf, freeId, portsOf, type Arrow, type Block, type Graph, type Kinds, type Point } from "./model";
import { BLOCK_HEIGHT, boxesOf, snap, widthOf } from "./sizes";

/** A short stretch that lies ready: one way in, and the ways that lead on. */
export interface ServiceModule {
  id: string;
  name: Words;
  about: Words;
  blocks: readonly Block[];
  arrows: readonly Arrow[];
  entry: string;
  exits: readonly { block: string; port: string }[];
}

/** Where a module goes: into an arrow, after a block, or by itself. */
export interface ModulePlace {
  into?: Arrow | null;
  after?: string | null;
}

const AIR = 24;
const ASIDE = 40;
const TRIES = 40;

interface Size {
  width: number;
  height: number;
}

function sizeOf(module: ServiceModule, kinds: Kinds): Size & Point {
  const x = Math.min(...module.blocks.map((block) => block.position.x));
  const y = Math.min(...module.blocks.map((block) => block.position.y));
  const right = Math.max(...module.blocks.map((block) => block.position.x + widthOf(block, kinds)));
  return { x, y, width: right - x, height: Math.max(...module.blocks.map((block) => block.position.y)) + BLOCK_HEIGHT - y };
}

/** The wanted corner, or the nearest to its right where the whole module covers nothing. */
function freeCorner(graph: Graph, kinds: Kinds, wanted: Point, { width, height }: Size): Point {
  const boxes = boxesOf(graph, kinds);
  const covers = ({ x, y }: Point) => boxes.some((box) => x < box.x + box.width + AIR && box.x < x + width + AIR && y < box.y + box.height + AIR && box.y < y + height + AIR);
  let corner = snap(wanted);
  for (let tries = 0; tries < TRIES && covers(corner); tries += 1) corner = snap({ x: corner.x + ASIDE, y: corner.y });
  return corner;
}

/** What the first way out of a block leads to by now, where all its ways are taken: a module goes in between. */
function between(graph: Graph, after: string, kinds: Kinds): Arrow | null {
  const block = blockOf(graph, after);
  const ports = block ? portsOf(kinds.get(block.kind), block.config) : [];
  const arrowOf = (port: string) => graph.arrows.find((arrow) => arrow.from === after && arrow.port === port);
  const first = ports[0] && arrowOf(ports[0].name);
  return ports.every((port) => arrowOf(port.name)) ? (first ?? null) : null;
}

/** Puts a module on the board under fresh ids, joined to what is there; answers its new blocks. */
export function addModule(graph: Graph, module: ServiceModule, at: Point, { into, after }: ModulePlace, kinds: Kinds): { graph: Graph; ids: string[] } {
  const taken = new Set(graph.blocks.map((block) => block.id));
  const renamed = new Map<string, string>();
  for (const block of module.blocks) {
    const id = freeId(taken);
    taken.add(id);
    renamed.set(block.id, id);
  }
  const fresh = (id: string) => renamed.get(id) ?? id;
  const size = sizeOf(module, kinds);
  const corner = freeCorner(graph, kinds, at, size);
  const blocks = module.blocks.map((block) => ({ ...block, id: fresh(block.id), position: snap({ x: corner.x + block.position.x - size.x, y: corner.y + block.position.y - size.y }) }));
  const arrows = module.arrows.map((arrow) => ({ ...arrow, from: fresh(arrow.from), to: fresh(arrow.to) }));
  const put: Graph = { ...graph, blocks: [...graph.blocks, ...blocks], arrows: [...graph.arrows, ...arrows] };
  const split = into ?? (after ? between(graph, after, kinds) : null);
  const entry = fresh(module.entry);
  const ids = [...renamed.values()];
  if (!split) return { graph: after ? follow(put, after, entry, kinds) : put, ids };
  const cut: Graph = { ...put, arrows: [...put.arrows.filter((arrow) => !sameArrow(arrow, split)), { ...split, to: entry }] };
  const onward = module.exits.map((way): Arrow => ({ from: fresh(way.block), port: way.port, to: split.to }));
  return { graph: onward.reduce((drawn, arrow) => connect(drawn, arrow, kinds), cut), ids };
}
