import { group, not, type Tree } from "./tree";

/** A group as the builder shows it. `outer` and `inner` are the parentheses that were written around its `not` and around itself. */
export interface Shown {
  kind: "and" | "or";
  items: Tree[];
  negated: boolean;
  outer: number;
  inner: number;
}

type Group = Extract<Tree, { kind: "and" | "or" }>;

function isGroup(tree: Tree): tree is Group {
  return tree.kind === "and" || tree.kind === "or";
}

/** A nested group, or its denial, opened for the builder; null where the tree is a single condition. */
export function openGroup(tree: Tree): Shown | null {
  if (isGroup(tree)) return { kind: tree.kind, items: tree.items, negated: false, outer: 0, inner: tree.parens ?? 0 };
  if (tree.kind !== "not" || !isGroup(tree.item)) return null;
  const { item } = tree;
  return { kind: item.kind, items: item.items, negated: true, outer: tree.parens ?? 0, inner: item.parens ?? 0 };
}

/** What the whole of the builder shows: the group itself, or a group around the one condition. */
export function openTop(tree: Tree): Shown {
  const found = isGroup(tree) ? openGroup(tree) : null;
  return found ?? { kind: "and", items: tree.kind === "bool" && tree.value && !tree.parens ? [] : [tree], negated: false, outer: 0, inner: 0 };
}

function wrapped(tree: Tree, parens: number): Tree {
  return parens ? { ...tree, parens } : tree;
}

/**
 * The tree that a group stands for. A nested group stays a group, even with one condition in it, as long as it is being edited; the
 * outermost is unwrapped.
 */
export function closeGroup(shown: Shown, nested: boolean): Tree {
  const inside: Tree = nested || shown.inner ? wrapped({ kind: shown.kind, items: shown.items }, shown.inner) : group(shown.kind, shown.items);
  return shown.negated ? wrapped(not(inside), shown.outer) : inside;
}
