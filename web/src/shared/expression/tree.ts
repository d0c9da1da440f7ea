/** Parentheses a person wrote around a node, and how often. */
interface Written {
  parens?: number;
}

export interface Span {
  amount: string;
  unit: string;
}

/**
 * The expression's syntax tree as it travels: node for node the JSON of `tandem.catalog.builder_models`. Values only, never
 * changed in place; what has its default may be left out.
 */
export type Tree = Written &
  (
    | { kind: "number"; text: string }
    | { kind: "text"; value: string; raw?: string | null }
    | { kind: "bool"; value: boolean }
    | { kind: "null" }
    | ({ kind: "duration" } & Span)
    | { kind: "list"; items: Tree[] }
    | { kind: "tiers"; rows: { from: string; to?: string; rate: string }[] }
    | { kind: "field"; path: string[] }
    | { kind: "call"; name: string; args: Tree[] }
    | { kind: "related"; aggregate: string; relation: string; field?: string[]; window?: Span | null; where?: Tree | null }
    | { kind: "and"; items: Tree[] }
    | { kind: "or"; items: Tree[] }
    | { kind: "not"; item: Tree }
    | { kind: "compare"; op: string; left: Tree; right: Tree }
    | { kind: "between"; value: Tree; low: Tree; high: Tree }
    | { kind: "in"; value: Tree; choices: Tree; negated?: boolean }
    | { kind: "match"; op: string; left: Tree; right: Tree }
    | { kind: "missing"; value: Tree; negated?: boolean }
    | { kind: "arith"; op: string; left: Tree; right: Tree }
    | { kind: "negative"; value: Tree }
    | { kind: "raw"; text: string }
  );

export type RelatedNode = Extract<Tree, { kind: "related" }>;
export type GroupNode = Extract<Tree, { kind: "and" | "or" }>;

export const num = (text: string | number): Tree => ({ kind: "number", text: String(text) });
export const str = (value: string): Tree => ({ kind: "text", value });
export const bool = (value: boolean): Tree => ({ kind: "bool", value });
export const field = (...path: string[]): Tree => ({ kind: "field", path });
export const call = (name: string, ...args: Tree[]): Tree => ({ kind: "call", name, args });
export const compare = (left: Tree, op: string, right: Tree): Tree => ({ kind: "compare", op, left, right });
export const not = (item: Tree): Tree => (item.kind === "not" ? item.item : { kind: "not", item });

export function related(aggregate: string, [relation = "", ...rest]: string[], options: { window?: Span | null; where?: Tree | null } = {}): RelatedNode {
  return { kind: "related", aggregate, relation, field: rest, window: options.window ?? null, where: options.where ?? null };
}

/** Joins conditions; one alone needs no group around it, none at all is an empty "and". */
export function group(kind: "and" | "or", items: Tree[]): Tree {
  const [only] = items;
  return items.length === 1 && only ? only : { kind, items };
}
