import { freeId, type Arrow, type Block, type Graph } from "./model";
import { snap } from "./sizes";

/** What lies on the clipboard: text, so that blocks travel between flows, tabs and tenants. */
const MARK = "tandem/blocks@1";

interface Clip {
  format: typeof MARK;
  blocks: Block[];
  arrows: Arrow[];
}

export function copyBlocks(graph: Graph, ids: ReadonlySet<string>): string | null {
  const blocks = graph.blocks.filter((block) => ids.has(block.id));
  if (blocks.length === 0) return null;
  const arrows = graph.arrows.filter((arrow) => ids.has(arrow.from) && ids.has(arrow.to));
  const clip: Clip = { format: MARK, blocks, arrows };
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

/** Pastes a copy beside the original under fresh ids; null when the text is no set of blocks. */
export function pasteBlocks(graph: Graph, text: string, shift = 32): { graph: Graph; ids: string[] } | null {
  const clip = read(text);
  if (!clip) return null;
  const taken = new Set(graph.blocks.map((block) => block.id));
  const renamed = new Map<string, string>();
  for (const block of clip.blocks) {
    const id = freeId(taken);
    taken.add(id);
    renamed.set(block.id, id);
  }
  const blocks = clip.blocks.map((block) => ({
    ...block,
    id: renamed.get(block.id) ?? block.id,
    position: snap({ x: block.position.x + shift, y: block.position.y + shift }),
  }));
  const arrows = clip.arrows.flatMap((arrow) => {
    const from = renamed.get(arrow.from);
    const to = renamed.get(arrow.to);
    return from && to ? [{ ...arrow, from, to }] : [];
  });
  return {
    graph: { ...graph, blocks: [...graph.blocks, ...blocks], arrows: [...graph.arrows, ...arrows] },
    ids: [...renamed.values()],
  };
}
