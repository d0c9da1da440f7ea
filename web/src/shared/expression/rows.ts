import { samePath, type CatalogField, type CatalogRelation, type Names } from "./catalog";
import { print } from "./print";
import { call, compare, not, num, type RelatedNode, type Tree } from "./tree";

/**
 * One line of the visual builder: a subject, an operator, values. `op` is an operator of the language, or one of ours that
 * reads better than its formula: `ago <` is `days_since(subject) < n`, `weeks between` is `age_weeks(subject) between a and b`,
 * `birthday` is `birthday_within(subject, n)`, `is` / `is not` is plain membership, existence or truth.
 */
export interface Row {
  subject: Tree;
  op: string;
  values: Tree[];
  /** Parentheses a person wrote around the condition. */
  parens?: number;
}

const COUNTED: Record<string, string> = { days_since: "ago", days_until: "ahead", age_years: "years", age_months: "months", age_weeks: "weeks", date_of: "day" };
const COUNTED_BY: Record<string, string> = Object.fromEntries(Object.entries(COUNTED).map(([name, word]) => [word, name]));
/** Functions of a subject and a constant that are conditions themselves. */
const ASKED: Record<string, string> = { birthday_within: "birthday", lunar_birthday_within: "lunar birthday", in_region: "in region", within: "in area" };
const ASKED_BY: Record<string, string> = Object.fromEntries(Object.entries(ASKED).map(([name, op]) => [op, name]));
const AGO_OPS = ["ago >", "ago >=", "ago <", "ago <=", "ago =", "ahead >", "ahead <=", "ahead ="];
/** A time asked by its day: `date_of(subject) < date(...)`. */
const DAY_OPS = ["day between", "day >=", "day <=", "day >", "day <", "day ="];
const AGE_OPS = ["years >=", "years <", "years between", "months between", "weeks between"];
const BIRTHDAY_OPS = ["birthday", "lunar birthday"];
const REGION_OPS = ["in region", "not in region"];
const AREA_OPS = ["in area", "not in area"];
const COUNTED_OPS = new Set([...AGO_OPS, ...DAY_OPS, ...AGE_OPS]);
const LITERAL_CALLS = new Set(["date", "timestamp"]);

export function isLiteral(tree: Tree): boolean {
  if (tree.kind === "call") return LITERAL_CALLS.has(tree.name) && tree.args.length === 1;
  if (tree.kind === "negative") return tree.value.kind === "number";
  return tree.kind === "number" || tree.kind === "text" || tree.kind === "bool" || tree.kind === "duration";
}

function isSubject(tree: Tree): boolean {
  return tree.kind === "field" || tree.kind === "related";
}

function isMembership(tree: Tree, names: Names): boolean {
  return tree.kind === "call" && tree.args.length === 1 && names.memberships.some((one) => one.function === tree.name);
}

function plain(tree: Tree, names: Names, op: "is" | "is not"): Row | null {
  if (tree.kind === "call" && isMembership(tree, names)) return tree.args.every(isLiteral) ? { subject: call(tree.name), op, values: tree.args } : null;
  if (tree.kind === "related" && tree.aggregate === "exists") return { subject: tree, op, values: [] };
  if (tree.kind === "field" && typeOf(tree, names) === "bool") return { subject: tree, op, values: [] };
  return asked(tree, op);
}

/** `birthday_within(x, n)` and its like: a function of a subject and a constant. */
function asked(tree: Tree, op: "is" | "is not"): Row | null {
  if (tree.kind !== "call") return null;
  const word = ASKED[tree.name];
  const [subject, value] = tree.args;
  if (!word || !subject || !value || tree.args.length > 2 || !isSubject(subject) || !isLiteral(value)) return null;
  return { subject, op: op === "is" ? word : `not ${word}`, values: [value] };
}

/** `days_since(x)`, `age_weeks(x)`: the word and what is counted from. */
function counted(tree: Tree): [string, Tree] | null {
  const word = tree.kind === "call" ? COUNTED[tree.name] : undefined;
  const [inner] = tree.kind === "call" ? tree.args : [];
  return word && inner && isSubject(inner) ? [word, inner] : null;
}

function compared(left: Tree, op: string, values: Tree[]): Row | null {
  if (!values.every(isLiteral)) return null;
  const found = counted(left);
  if (found) return COUNTED_OPS.has(`${found[0]} ${op}`) ? { subject: found[1], op: `${found[0]} ${op}`, values } : null;
  return isSubject(left) ? { subject: left, op, values } : null;
}

function read(tree: Tree, names: Names): Row | null {
  switch (tree.kind) {
    case "compare":
      return compared(tree.left, tree.op, [tree.right]);
    case "between":
      return compared(tree.value, "between", [tree.low, tree.high]);
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

/** The line a condition can be shown as, or null when only its text does it justice: a line must give back every sign that was written. */
export function toRow(tree: Tree, names: Names): Row | null {
  const found = read(tree, names);
  const row = found && tree.parens ? { ...found, parens: tree.parens } : found;
  return row && print(fromRow(row)) === print(tree) ? row : null;
}

function withValues(row: Row): Tree {
  const [first = num(0), second = first] = row.values;
  const [word = "", op = ""] = row.op.split(" ");
  const counter = COUNTED_BY[word];
  const left = counter ? call(counter, row.subject) : row.subject;
  if (row.op === "between" || (counter && op === "between")) return { kind: "between", value: left, low: first, high: second };
  if (counter) return compare(left, op, first);
  if (row.op === "in" || row.op === "not in") return { kind: "in", value: row.subject, choices: { kind: "list", items: row.values }, negated: row.op === "not in" };
  if (row.op === "is missing" || row.op === "is not missing") return { kind: "missing", value: row.subject, negated: row.op === "is not missing" };
  if (["contains", "starts with", "ends with"].includes(row.op)) return { kind: "match", op: row.op, left: row.subject, right: first };
  return compare(row.subject, row.op, first);
}

function bareTree(row: Row): Tree {
  const negated = row.op.startsWith("not ");
  const name = ASKED_BY[negated ? row.op.slice(4) : row.op];
  if (name) {
    const condition = call(name, row.subject, ...row.values.slice(0, 1));
    return negated ? not(condition) : condition;
  }
  if (row.op !== "is" && row.op !== "is not") return withValues(row);
  const positive: Tree = row.subject.kind === "call" ? { ...row.subject, args: row.values.slice(0, 1) } : row.subject;
  return row.op === "is" ? positive : not(positive);
}

/** The condition a line stands for; `toRow` gives the line back. */
export function fromRow(row: Row): Tree {
  const tree = bareTree(row);
  return row.parens ? { ...tree, parens: row.parens } : tree;
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
    if (["count", "sum", "avg", "days_in_a_row"].includes(subject.aggregate)) return "number";
    return fieldOf(subject, names)?.type ?? "text";
  }
  if (subject.kind === "call") return "membership";
  return fieldOf(subject, names)?.type ?? "text";
}

/** A field that holds a GB/T 2260 division code. */
export function isDivision(subject: Tree): boolean {
  return subject.kind === "field" && /(^|_)division$/.test(subject.path.at(-1) ?? "");
}

/** Operators offered for a subject, the most telling first, in the groups in which they are shown. */
export function operatorGroups(subject: Tree, names: Names): { group: string; ops: string[] }[] {
  const type = typeOf(subject, names);
  if (type === "membership" || type === "exists" || type === "bool") return [{ group: "", ops: ["is", "is not"] }];
  const base = names.operators[type.startsWith("list") ? "list" : type] ?? ["=", "!="];
  if (type === "date" || type === "timestamp") {
    const born = type === "date" && subject.kind === "field" ? [{ group: "birthday", ops: BIRTHDAY_OPS }, { group: "age", ops: AGE_OPS }] : [];
    const fixed = type === "timestamp" ? [{ group: "fixed", ops: DAY_OPS }, { group: "exact", ops: [...base] }] : [{ group: "fixed", ops: [...base] }];
    return [{ group: "relative", ops: AGO_OPS }, ...born, ...fixed];
  }
  if (isDivision(subject)) return [{ group: "", ops: [...REGION_OPS, ...base] }];
  if (type === "point") return [{ group: "", ops: [...AREA_OPS, ...base] }];
  return [{ group: "", ops: [...base] }];
}

export function operatorsFor(subject: Tree, names: Names): string[] {
  return operatorGroups(subject, names).flatMap((one) => one.ops);
}

/** How many values an operator takes: 0, 1, 2, or any number. */
export function valueCount(row: Row): 0 | 1 | 2 | "many" {
  if (row.op.endsWith("between")) return 2;
  if (row.op === "in" || row.op === "not in") return "many";
  if (row.op === "is missing" || row.op === "is not missing") return 0;
  if (row.op === "is" || row.op === "is not") return row.subject.kind === "call" ? 1 : 0;
  return 1;
}

/** The type a row's values have: days for `ago` and birthdays, text for a membership, else the subject's own. */
export function valueType(row: Row, names: Names): string {
  const [word = ""] = row.op.split(" ");
  if (word === "ago" || word === "ahead" || row.op.endsWith("birthday")) return "days";
  if (word === "day") return "date";
  if (word in COUNTED_BY) return word;
  if (row.op.endsWith("in region")) return "region";
  if (row.op.endsWith("in area")) return "area";
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
    case "years":
      return num(18);
    case "months":
      return num(6);
    case "weeks":
      return num(28);
    case "region":
      return { kind: "text", value: "310000" };
    case "area":
      return { kind: "text", value: "geofence:" };
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
  const fitting = row.values.filter((value) => value.kind === sample.kind && (value.kind !== "call" || sample.kind !== "call" || value.name === sample.name));
  const count = valueCount(next);
  if (count === "many") return { ...next, values: fitting.filter((value) => value.kind !== "text" || value.value !== "") };
  return { ...next, values: Array.from({ length: count }, (_, index) => fitting[index] ?? sample) };
}

export function newRow(subject: Tree, names: Names, today: string): Row {
  const favourite = subject.kind === "related" && ["count", "days_in_a_row"].includes(subject.aggregate) ? ">=" : "";
  return settled({ subject, op: favourite, values: [] }, names, today);
}
