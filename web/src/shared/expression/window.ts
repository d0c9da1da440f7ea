import dayjs from "dayjs";
import { call, compare, field, group, str, type RelatedNode, type Span, type Tree } from "./tree";

/** In which stretch of time records are looked at. Days are whole days of the company; both ends belong to it. */
export type Stretch = { kind: "any" } | { kind: "last"; span: Span } | { kind: "days"; from: string | null; until: string | null };

interface Looked {
  stretch: Stretch;
  /** The conditions besides the time. */
  rest: Tree | null;
}

const DAY = "YYYY-MM-DD";

function dayOf(tree: Tree): string | null {
  const [text] = tree.kind === "call" && tree.name === "date" ? tree.args : [];
  return !tree.parens && text?.kind === "text" && /^\d{4}-\d{2}-\d{2}$/.test(text.value) ? text.value : null;
}

/** The day in `paid_at >= date('…')` or `paid_at < date('…')`. */
function bound(tree: Tree | undefined, op: string, time: string): string | null {
  if (tree?.kind !== "compare" || tree.op !== op || tree.parens) return null;
  const { left, right } = tree;
  return left.kind === "field" && !left.parens && left.path.join(".") === time ? dayOf(right) : null;
}

function conditionsOf(where: Tree | null): readonly Tree[] {
  if (!where) return [];
  return where.kind === "and" && !where.parens ? where.items : [where];
}

/** Reads the leading conditions on the set's own time as a stretch of days, as `within` writes them. */
export function stretchOf(subject: RelatedNode, time: string): Looked {
  const where = subject.where ?? null;
  if (subject.window) return { stretch: { kind: "last", span: subject.window }, rest: where };
  const items = conditionsOf(where);
  const from = bound(items[0], ">=", time);
  const end = bound(items[from === null ? 0 : 1], "<", time);
  if (from === null && end === null) return { stretch: { kind: "any" }, rest: where };
  const rest = items.slice((from === null ? 0 : 1) + (end === null ? 0 : 1));
  const until = end === null ? null : dayjs(end).subtract(1, "day").format(DAY);
  return { stretch: { kind: "days", from, until }, rest: rest.length > 0 ? group("and", rest) : null };
}

/** The set looked at in a stretch of time, with the other conditions on its records. */
export function within(subject: RelatedNode, time: string, { stretch, rest }: Looked): RelatedNode {
  if (stretch.kind !== "days") return { ...subject, window: stretch.kind === "last" ? stretch.span : null, where: rest };
  const on = (day: string) => call("date", str(day));
  const bounds: Tree[] = [
    ...(stretch.from ? [compare(field(...time.split(".")), ">=", on(stretch.from))] : []),
    ...(stretch.until ? [compare(field(...time.split(".")), "<", on(dayjs(stretch.until).add(1, "day").format(DAY)))] : []),
  ];
  return { ...subject, window: null, where: group("and", [...bounds, ...conditionsOf(rest)]) };
}
