import type { Tree } from "./tree";

// How tightly each form binds; a child that binds less tightly than its place asks for gets parentheses.
const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;
const UNARY = 7;
const ATOM = 8;

/** Text in the language's quotes, with the same escapes as `tandem.catalog.parser.quote`. */
export function quote(value: string): string {
  const escaped = value.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
  return `'${escaped}'`;
}

/** The tree as text; reading it back gives the same tree. */
export function print(tree: Tree): string {
  return at(tree, OR);
}

function at(tree: Tree, place: number): string {
  const [text, binds] = body(tree);
  if (tree.parens) return "(".repeat(tree.parens) + text + ")".repeat(tree.parens);
  return binds >= place ? text : `(${text})`;
}

function body(tree: Tree): [string, number] {
  switch (tree.kind) {
    case "or":
      if (tree.items.length === 0) return ["true", ATOM];
      return [tree.items.map((item) => at(item, AND)).join(" or "), tree.items.length > 1 ? OR : AND];
    case "and":
      if (tree.items.length === 0) return ["true", ATOM];
      return [tree.items.map((item) => at(item, NOT)).join(" and "), tree.items.length > 1 ? AND : NOT];
    case "not":
      return [`not ${at(tree.item, NOT)}`, NOT];
    case "compare":
    case "match":
      return [`${at(tree.left, SUM)} ${tree.op} ${at(tree.right, SUM)}`, COMPARISON];
    case "between":
      return [`${at(tree.value, SUM)} between ${at(tree.low, SUM)} and ${at(tree.high, SUM)}`, COMPARISON];
    case "in":
      return [`${at(tree.value, SUM)} ${tree.negated ? "not in" : "in"} ${at(tree.choices, SUM)}`, COMPARISON];
    case "missing":
      return [`${at(tree.value, SUM)} ${tree.negated ? "is not missing" : "is missing"}`, COMPARISON];
    case "arith": {
      const binds = tree.op === "+" || tree.op === "-" ? SUM : PRODUCT;
      return [`${at(tree.left, binds)} ${tree.op} ${at(tree.right, binds + 1)}`, binds];
    }
    case "negative":
      return [`-${at(tree.value, UNARY)}`, UNARY];
    case "raw":
      // Text we cannot see into: parentheses keep it whole wherever it stands.
      return [tree.text, OR];
    default:
      return [atom(tree), ATOM];
  }
}

function atom(tree: Tree): string {
  switch (tree.kind) {
    case "number":
      return tree.text;
    case "text":
      return tree.raw ?? quote(tree.value);
    case "bool":
      return String(tree.value);
    case "null":
      return "null";
    case "duration":
      return `${tree.amount} ${tree.unit}`;
    case "list":
      return `[${tree.items.map(print).join(", ")}]`;
    case "tiers":
      return `[${tree.rows.map(({ from, to, rate }) => `${from}${to === undefined ? "" : ` to ${to}`}: ${rate}`).join(", ")}]`;
    case "field":
      return tree.path.join(".");
    case "call":
      return `${tree.name}(${tree.args.map(print).join(", ")})`;
    case "related": {
      const window = tree.window ? ` in last ${tree.window.amount} ${tree.window.unit}` : "";
      const where = tree.where && !isEmptyGroup(tree.where) ? ` where ${print(tree.where)}` : "";
      return `${tree.aggregate}(${[tree.relation, ...(tree.field ?? [])].join(".")}${window}${where})`;
    }
    default:
      throw new Error(`no atom: ${tree.kind}`);
  }
}

export function isEmptyGroup(tree: Tree): boolean {
  return (tree.kind === "and" || tree.kind === "or") && tree.items.length === 0;
}
