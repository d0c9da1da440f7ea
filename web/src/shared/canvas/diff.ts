import { sameArrow } from "./edits";
import type { Arrow, Block, Graph } from "./model";

/** What a draft changes against the published version; positions are looks, not meaning. */
export interface GraphDiff {
  added: readonly string[];
  removed: readonly Block[];
  changed: readonly string[];
  arrowsAdded: readonly Arrow[];
  arrowsRemoved: readonly Arrow[];
}

function meaning(block: Block): string {
  return JSON.stringify([block.kind, block.version, block.config]);
}

export function compare(before: Graph, after: Graph): GraphDiff {
  const old = new Map(before.blocks.map((block) => [block.id, block]));
  const ids = new Set(after.blocks.map((block) => block.id));
  return {
    added: after.blocks.filter((block) => !old.has(block.id)).map((block) => block.id),
    removed: before.blocks.filter((block) => !ids.has(block.id)),
    changed: after.blocks
      .filter((block) => {
        const was = old.get(block.id);
        return was !== undefined && meaning(was) !== meaning(block);
      })
      .map((block) => block.id),
    arrowsAdded: after.arrows.filter((arrow) => !before.arrows.some((one) => sameArrow(one, arrow))),
    arrowsRemoved: before.arrows.filter((arrow) => !after.arrows.some((one) => sameArrow(one, arrow))),
  };
}

export function isSame(diff: GraphDiff): boolean {
  return [diff.added, diff.removed, diff.changed, diff.arrowsAdded, diff.arrowsRemoved].every((list) => list.length === 0);
}
