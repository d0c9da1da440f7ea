import { samePath, type CatalogField, type CatalogRelation, type Names } from "./catalog";
import { call, compare, not, num, type RelatedNode, type Tree } from "./tree";

/**
 * One line of the visual builder: a subject, an operator, values. `op` is an operator of the language, or one of ours that
 * reads better than its formula: `ago <` is `days_since(subject) < n`, `ahead <` is `days_until(subject) < n`, `is` / `is not`
 * is plain membership, existence or truth.
 */
export interface Row {
  subject: Tree;
  op: string;
  values: Tree[];
}

const AGO: Record<string, string> = { days_since: "ago", days_until: "ahead" };
const AGO_FUNCTIONS: Record<string, string> = { ago: "days_since", ahead: "days_until" };
const AGO_OPS = ["ago >", "ago >=", "ago <", "ago <=", "ago =", "ahead >", "ahead <=", "ahead ="];
const LITERAL_CALLS = new Set(["date", "timestamp"]);

export function isLiteral(tree: Tree): boolean {
  if (tree.kind === "call") return LITERAL_CALLS.has(tree.name) && tree.args.length === 1;
  if (tree.kind === "negative") return tree.value.kind === "number";
  return tree.kind === "number" || tree.kind === "text" || tree.kind === "bool" || tree.kind === "duration";
}

function isSubject(tree: Tree): boolean {
  return tree.kind === "field" || tree.kind === "related";
}

function isMembership(tree: Tree, names: Names): tree is Extract<Tree, { kind: "call" }> {
  return tree.kind === "call" && tree.args.length === 1 && names.memberships.some((one) => one.function === tree.name);
}

function plain(tree: Tree, names: Names, op: "is" | "is not"): Row | null {
  if (isMembership(tree, names)) return tree.args.every(isLiteral) ? { subject: call(tree.name), op, values: tree.args } : null;
  if (tree.kind === "related" && tree.aggregate === "exists") return { subject: tree, op, values: [] };
  if (tree.kind === "field" && typeOf(tree, names) === "bool") return { subject: tree, op, values: [] };
  return null;
}

function compared(tree: Extract<Tree, { kind: "compare" }>): Row | null {
  if (!isLiteral(tree.right)) return null;
  const { left } = tree;
  const word = left.kind === "call" ? AGO[left.name] : undefined;
  if (word && left.kind === "call") {
    const [inner] = left.args;
    if (!inner || !isSubject(inner) || !AGO_OPS.includes(`${word} ${tree.op}`)) return null;
    return { subject: inner, op: `${word} ${tree.op}`, values: [tree.right] };
  }
  return isSubject(left) ? { subject: left, op: tree.op, values: [tree.right] } : null;
}

/** The line a condition can be shown as, or null when only its text does it justice. */
export function toRow(tree: Tree, names: Names): Row | null {
  switch (tree.kind) {
    case "compare":
      return compared(tree);
    case "between":
      return isSubject(tree.value) && isLiteral(tree.low) && isLiteral(tree.high) ? { subject: tree.value, op: "between", values: [tree.low, tree.high] } : null;
    case "in":
      return isSubject(tree.value) && tree.choices.kind === "list" && tree.choices.items.every(isLiteral)
        ? { subject: tree.value, op: tree.negated ? "not in" : "in", values: tree.choices.items }
        : null;
    case "match":
      return isSubject(tree.left) && isLiteral(tree.right) ? { subject: tree.left, op: tree.op, values: [tree.right] } : null;
    case "missing":
      return isSubject(tree.value) ? { subject: tree.value, op: tree.negated ? "is not missing" : "is missing", values: [] } : null;
    case "not":
      return plain(tree.item, names, "is not");
    default:
      return plain(tree, names, "is");
  }
}

function withValues(row: Row): Tree {
  const [first = num(0), second = first] = row.values;
  const [word = "", op = ""] = row.op.split(" ");
  const dayFunction = AGO_FUNCTIONS[word];
  if (dayFunction) return compare(call(dayFunction, row.subject), op, first);
  if (row.op === "between") return { kind: "between", value: row.subject, low: first, high: second };
  if (row.op === "in" || row.op === "not in") return { kind: "in", value: row.subject, choices: { kind: "list", items: row.values }, negated: row.op === "not in" };
  if (row.op === "is missing" || row.op === "is not missing") return { kind: "missing", value: row.subject, negated: row.op === "is not missing" };
  if (["contains", "starts with", "ends with"].includes(row.op)) return { kind: "match", op: row.op, left: row.subject, right: first };
  return compare(row.subject, row.op, first);
}

/** The condition a line stands for; `toRow` gives the line back. */
export function fromRow(row: Row): Tree {
  if (row.op !== "is" && row.op !== "is not") return withValues(row);
  const positive: Tree = row.subject.kind === "call" ? { ...row.subject, args: row.values.slice(0, 1) } : row.subject;
  return row.op === "is" ? positive : not(positive);
}

export function relationOf(tree: RelatedNode, names: Names): CatalogRelation | undefined {
  return names.relations.find((one) => one.name === tree.relation);
}

export function fieldOf(tree: Tree, names: Names): CatalogField | undefined {
  if (tree.kind === "field") return names.fields.find((one) => samePath(one.path, tree.path))?.field;
  if (tree.kind === "related") return relationOf(tree, names)?.fields.find((one) => one.name === (tree.field ?? []).join("."));
  return undefined;
}

/** The type of a subject, as far as the builder needs it; the server's check has the last word. */
export function typeOf(subject: Tree, names: Names): string {
  if (subject.kind === "related") {
    if (subject.aggregate === "exists") return "exists";
    if (subject.aggregate === "count" || subject.aggregate === "sum" || subject.aggregate === "avg") return "number";
    return fieldOf(subject, names)?.type ?? "text";
  }
  if (subject.kind === "call") return "membership";
  return fieldOf(subject, names)?.type ?? "text";
}

/** Operators offered for a subject, the most telling first. */
export function operatorsFor(subject: Tree, names: Names): string[] {
  const type = typeOf(subject, names);
  if (type === "membership" || type === "exists" || type === "bool") return ["is", "is not"];
  const base = names.operators[type.startsWith("list") ? "list" : type] ?? ["=", "!="];
  return type === "date" || type === "timestamp" ? [...AGO_OPS, ...base] : base;
}

/** How many values an operator takes: 0, 1, 2, or any number. */
export function valueCount(row: Row): 0 | 1 | 2 | "many" {
  if (row.op === "between") return 2;
  if (row.op === "in" || row.op === "not in") return "many";
  if (row.op === "is missing" || row.op === "is not missing") return 0;
  if (row.op === "is" || row.op === "is not") return row.subject.kind === "call" ? 1 : 0;
  return 1;
}

/** The type a row's values have: days for `ago`, text for a membership, else the subject's own. */
export function valueType(row: Row, names: Names): string {
  if (row.op.startsWith("ago") || row.op.startsWith("ahead")) return "days";
  const type = typeOf(row.subject, names);
  if (type === "membership") return "text";
  return type.startsWith("list") ? "text" : type;
}

function emptyValue(type: string, today: string): Tree {
  switch (type) {
    case "number":
      return num(1);
    case "days":
      return num(30);
    case "bool":
      return { kind: "bool", value: true };
    case "date":
      return call("date", { kind: "text", value: today });
    case "timestamp":
      return call("timestamp", { kind: "text", value: `${today}T00:00:00+08:00` });
    case "duration":
      return { kind: "duration", amount: "7", unit: "days" };
    default:
      return { kind: "text", value: "" };
  }
}

/** A row with as many values of the right type as its operator takes; values that still fit are kept. */
export function settled(row: Row, names: Names, today: string): Row {
  const ops = operatorsFor(row.subject, names);
  const op = ops.includes(row.op) ? row.op : (ops[0] ?? "=");
  const next = { ...row, op };
  const type = valueType(next, names);
  const sample = emptyValue(type, today);
  const fitting = row.values.filter((value) => value.kind === sample.kind);
  const count = valueCount(next);
  if (count === "many") return { ...next, values: fitting.filter((value) => value.kind !== "text" || value.value !== "") };
  return { ...next, values: Array.from({ length: count }, (_, index) => fitting[index] ?? sample) };
}

export function newRow(subject: Tree, names: Names, today: string): Row {
  const favourite = subject.kind === "related" && subject.aggregate === "count" ? ">=" : "";
  return settled({ subject, op: favourite, values: [] }, names, today);
}
