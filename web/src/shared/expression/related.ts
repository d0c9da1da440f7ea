import { print } from "./print";
import type { Tree } from "./tree";

/** The expression that asks whether a customer has any such thing; the server reads a condition on a row only inside one. */
export function askedOf(relation: string, where: string): string {
  return where.trim() === "" ? `exists(${relation})` : `exists(${relation} where ${where})`;
}

/** The condition on the rows out of such an expression; null where it has none, or is something else. */
export function whereOf(tree: Tree | null | undefined): Tree | null {
  return tree?.kind === "related" ? (tree.where ?? null) : null;
}

/** What a condition that was built is kept as. */
export function whereText(tree: Tree): string {
  return (tree.kind === "and" || tree.kind === "or") && tree.items.length === 0 ? "" : print(tree);
}
