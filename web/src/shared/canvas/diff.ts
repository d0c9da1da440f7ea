import { sameArrow } from "./edits";
import type { Arrow, Block, Graph } from "./model";

/** What changed from one drawing to another. Places are looks, not meaning: a block that only moved is told apart. */
export interface GraphDiff {
  added: readonly string[];
  removed: readonly Block[];
  changed: readonly string[];
  moved: readonly string[];
  arrowsAdded: readonly Arrow[];
  arrowsRemoved: readonly Arrow[];
  settings: boolean;
}

function meaning(block: Block): string {
  return stable([block.kind, block.version, block.config, block.label ?? "", block.note ?? "", block.human ?? false]);
}

/** The same text for the same value, whatever the order of its fields. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === "object" && one !== null && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one));
}

export function same(one: unknown, other: unknown): boolean {
  return one === other || stable(one) === stable(other);
}

export function compare(before: Graph, after: Graph): GraphDiff {
  const old = new Map(before.blocks.map((block) => [block.id, block]));
  const ids = new Set(after.blocks.map((block) => block.id));
  const both = after.blocks.flatMap((block) => {
    const was = old.get(block.id);
    return was ? [{ was, block, changed: meaning(was) !== meaning(block) }] : [];
  });
  return {
    added: after.blocks.filter((block) => !old.has(block.id)).map((block) => block.id),
    removed: before.blocks.filter((block) => !ids.has(block.id)),
    changed: both.filter((one) => one.changed).map((one) => one.block.id),
    moved: both.filter(({ was, block, changed }) => !changed && (was.position.x !== block.position.x || was.position.y !== block.position.y)).map((one) => one.block.id),
    arrowsAdded: after.arrows.filter((arrow) => !before.arrows.some((one) => sameArrow(one, arrow))),
    arrowsRemoved: before.arrows.filter((arrow) => !after.arrows.some((one) => sameArrow(one, arrow))),
    settings: !same(before.settings, after.settings),
  };
}

export function isSame(diff: GraphDiff): boolean {
  return !diff.settings && [diff.added, diff.removed, diff.changed, diff.arrowsAdded, diff.arrowsRemoved].every((list) => list.length === 0);
}

/** Both drawings at once: the later one, with what it dropped still standing where it stood. */
export function union(before: Graph, after: Graph): Graph {
  const diff = compare(before, after);
  return { ...after, blocks: [...after.blocks, ...diff.removed], arrows: [...after.arrows, ...diff.arrowsRemoved] };
}

export interface FieldChange {
  /** The field's name, and below it the position in a list and the field of the item: `ways`, 1, `condition`. */
  path: readonly (string | number)[];
  before: unknown;
  after: unknown;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fields(path: readonly (string | number)[], before: unknown, after: unknown): FieldChange[] {
  if (same(before, after)) return [];
  if (isRecord(before) && isRecord(after)) return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => fields([...path, key], before[key], after[key]));
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) return before.flatMap((one: unknown, index) => fields([...path, index], one, after[index]));
  return [{ path, before, after }];
}

/** Field by field what changed in a block: its settings, its name, its note, whether a person decides. */
export function fieldChanges(before: Block, after: Block): FieldChange[] {
  return [
    ...fields(["label"], before.label ?? "", after.label ?? ""),
    ...fields(["note"], before.note ?? "", after.note ?? ""),
    ...fields(["human"], before.human ?? false, after.human ?? false),
    ...Object.keys({ ...before.config, ...after.config }).flatMap((key) => fields(["config", key], before.config[key], after.config[key])),
  ];
}
