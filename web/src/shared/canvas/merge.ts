import { same } from "./diff";
import { arrowId } from "./edits";
import type { Arrow, Block, Frame, Graph, Sticky } from "./model";

/** What two people made of one drawing, put together. `clashes`: blocks both changed, each otherwise; there mine is kept for now. */
export interface Merged {
  graph: Graph;
  clashes: readonly string[];
}

interface Named {
  id: string;
}

/** Three-way: what one side left alone follows the other; what both changed alike is no clash. */
function mergeList<T extends Named>(base: readonly T[], mine: readonly T[], theirs: readonly T[], clash: (id: string) => void): T[] {
  const was = new Map(base.map((one) => [one.id, one]));
  const other = new Map(theirs.map((one) => [one.id, one]));
  const own = new Set(mine.map((one) => one.id));
  const kept = mine.flatMap((one): T[] => {
    const before = was.get(one.id);
    const there = other.get(one.id);
    if (!before) {
      if (there && !same(there, one)) clash(one.id);
      return [one];
    }
    if (!there) {
      if (same(before, one)) return [];
      clash(one.id);
      return [one];
    }
    if (same(before, one)) return [there];
    if (!same(before, there) && !same(there, one)) clash(one.id);
    return [one];
  });
  const added = theirs.filter((one) => {
    if (own.has(one.id)) return false;
    const before = was.get(one.id);
    if (before && !same(before, one)) clash(one.id);
    // I dropped it: it stays dropped, unless the other side went on working on it.
    return !before || !same(before, one);
  });
  return [...kept, ...added];
}

/** The part of a block that counts as one thing: where it stands and what it says are merged apart. */
function mergeBlocks(base: Graph, mine: Graph, theirs: Graph, clash: (id: string) => void): Block[] {
  const place = (graph: Graph) => new Map(graph.blocks.map((block) => [block.id, block.position]));
  const [was, there] = [place(base), place(theirs)];
  const placed = (block: Block): Block => ({ ...block, position: { x: 0, y: 0 } });
  const means = mergeList(base.blocks.map(placed), mine.blocks.map(placed), theirs.blocks.map(placed), clash);
  const own = place(mine);
  return means.map((block) => {
    const before = was.get(block.id);
    const here = own.get(block.id);
    const moved = here && before && same(before, here) ? there.get(block.id) : undefined;
    return { ...block, position: moved ?? here ?? there.get(block.id) ?? { x: 0, y: 0 } };
  });
}

/** A way out leads to one block: where both sides led it elsewhere, mine is kept and its block is a clash. */
function mergeArrows(base: Graph, mine: Graph, theirs: Graph, blocks: ReadonlySet<string>, clash: (id: string) => void): Arrow[] {
  const ways = (graph: Graph) => graph.arrows.map((arrow) => ({ id: `${arrow.from}:${arrow.port}`, arrow }));
  const merged = mergeList(ways(base), ways(mine), ways(theirs), (id) => clash(id.slice(0, id.lastIndexOf(":"))));
  const found = new Map(merged.map(({ arrow }) => [arrowId(arrow), arrow]));
  return [...found.values()].filter((arrow) => blocks.has(arrow.from) && blocks.has(arrow.to));
}

/** A block that both added is two blocks: the other person's gets an id of its own. */
function renamedApart(base: Graph, mine: Graph, theirs: Graph): Graph {
  const was = new Set(base.blocks.map((block) => block.id));
  const own = new Map(mine.blocks.map((block) => [block.id, block]));
  const taken = new Set([...own.keys(), ...theirs.blocks.map((block) => block.id)]);
  const names = new Map<string, string>();
  for (const block of theirs.blocks) {
    const here = own.get(block.id);
    if (was.has(block.id) || !here || same(here, block)) continue;
    let number = 2;
    while (taken.has(`${block.id}_${number}`)) number += 1;
    taken.add(`${block.id}_${number}`);
    names.set(block.id, `${block.id}_${number}`);
  }
  if (names.size === 0) return theirs;
  const to = (id: string) => names.get(id) ?? id;
  return { ...theirs, blocks: theirs.blocks.map((block) => ({ ...block, id: to(block.id) })), arrows: theirs.arrows.map((arrow) => ({ ...arrow, from: to(arrow.from), to: to(arrow.to) })) };
}

/** What a browser leaves out and the server fills in says the same. */
function plain(graph: Graph): Graph {
  return { ...graph, blocks: graph.blocks.map((block) => ({ ...block, label: block.label ?? "", note: block.note ?? "", human: block.human ?? false })) };
}

export function merge(before: Graph, own: Graph, others: Graph): Merged {
  const [base, mine, saved] = [plain(before), plain(own), plain(others)];
  const clashes = new Set<string>();
  const clash = (id: string) => clashes.add(id);
  const theirs = renamedApart(base, mine, saved);
  const blocks = mergeBlocks(base, mine, theirs, clash);
  const arrows = mergeArrows(base, mine, theirs, new Set(blocks.map((block) => block.id)), clash);
  const settings = same(base.settings, mine.settings) ? theirs.settings : mine.settings;
  if (!same(base.settings, mine.settings) && !same(base.settings, theirs.settings) && !same(mine.settings, theirs.settings)) clash("");
  const loose = <T extends Sticky | Frame>(of: (graph: Graph) => readonly T[] | undefined) => mergeList(of(base) ?? [], of(mine) ?? [], of(theirs) ?? [], () => undefined);
  return { graph: { blocks, arrows, settings, stickies: loose((graph) => graph.stickies), frames: loose((graph) => graph.frames) }, clashes: [...clashes] };
}
