import { freeId, JUMP, jumpOf, type Arrow, type Block, type Frame, type Graph, type Sticky } from "./model";
import { snap } from "./sizes";

/** What lies on the clipboard: text, so that blocks travel between flows, tabs and tenants. */
const MARK = "tandem/blocks@1";

interface Clip {
  format: typeof MARK;
  blocks: Block[];
  arrows: Arrow[];
  stickies?: Sticky[];
  frames?: Frame[];
}

export function copyBlocks(graph: Graph, ids: ReadonlySet<string>): string | null {
  const blocks = graph.blocks.filter((block) => ids.has(block.id));
  const stickies = (graph.stickies ?? []).filter((one) => ids.has(one.id));
  const frames = (graph.frames ?? []).filter((one) => ids.has(one.id));
  if (blocks.length + stickies.length + frames.length === 0) return null;
  const arrows = graph.arrows.filter((arrow) => ids.has(arrow.from) && ids.has(arrow.to));
  const clip: Clip = { format: MARK, blocks, arrows, stickies, frames };
  return JSON.stringify(clip);
}

function isClip(value: unknown): value is Clip {
  if (typeof value !== "object" || value === null) return false;
  const clip = value as Partial<Clip>;
  return clip.format === MARK && Array.isArray(clip.blocks) && Array.isArray(clip.arrows);
}

function read(text: string): Clip | null {
  try {
    const value: unknown = JSON.parse(text);
    return isClip(value) ? value : null;
  } catch {
    return null;
  }
}

/** A jump to a block that was copied with it leads to the copy. */
function led(block: Block, renamed: ReadonlyMap<string, string>): Pick<Block, "config"> {
  const to = renamed.get(jumpOf(block) ?? "");
  return { config: block.kind === JUMP && to !== undefined ? { ...block.config, target: to } : block.config };
}

/** Pastes a copy beside the original under fresh ids; null when the text is no set of blocks. */
export function pasteBlocks(graph: Graph, text: string, shift = 32): { graph: Graph; ids: string[] } | null {
  const clip = read(text);
  if (!clip) return null;
  const taken = new Set([...graph.blocks, ...(graph.stickies ?? []), ...(graph.frames ?? [])].map((one) => one.id));
  const renamed = new Map<string, string>();
  for (const block of clip.blocks) {
    const id = freeId(taken);
    taken.add(id);
    renamed.set(block.id, id);
  }
  const blocks = clip.blocks.map((block) => ({
    ...block,
    ...led(block, renamed),
    id: renamed.get(block.id) ?? block.id,
    position: snap({ x: block.position.x + shift, y: block.position.y + shift }),
  }));
  const arrows = clip.arrows.flatMap((arrow) => {
    const from = renamed.get(arrow.from);
    const to = renamed.get(arrow.to);
    return from && to ? [{ ...arrow, from, to }] : [];
  });
  const loose = <T extends Sticky | Frame>(list: readonly T[] | undefined, prefix: string) =>
    (list ?? []).map((one): T => {
      const id = freeId(taken, prefix);
      taken.add(id);
      return { ...one, id, position: snap({ x: one.position.x + shift, y: one.position.y + shift }) };
    });
  const stickies = loose(clip.stickies, "n");
  const frames = loose(clip.frames, "f");
  return {
    graph: { ...graph, blocks: [...graph.blocks, ...blocks], arrows: [...graph.arrows, ...arrows], stickies: [...(graph.stickies ?? []), ...stickies], frames: [...(graph.frames ?? []), ...frames] },
    ids: [...renamed.values(), ...stickies.map((one) => one.id), ...frames.map((one) => one.id)],
  };
}
