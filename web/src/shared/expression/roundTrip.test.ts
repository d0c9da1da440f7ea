import { expect, test } from "vitest";
import { namesIn, namesOfRelation, type Names } from "./catalog";
import generated from "./generated.json";
import { closeGroup, openGroup, openTop, type Shown } from "./groups";
import { print } from "./print";
import { fromRow, relationOf, toRow, type Row } from "./rows";
import type { Tree } from "./tree";
import { stretchOf, within } from "./window";

const expressions: { text: string; tree: Tree }[] = generated.expressions as { text: string; tree: Tree }[];
const names = namesIn(generated.catalog, { customer: "customer", event: "order.paid" });
const counted = { rows: 0, formulas: 0, groups: 0 };

/** What the builder's parts do when each hands up what it shows, unchanged. */
function throughGroup(shown: Shown, nested: boolean, here: Names): Tree {
  counted.groups += 1;
  return closeGroup({ ...shown, items: shown.items.map((item) => throughItem(item, here)) }, nested);
}

function throughItem(tree: Tree, here: Names): Tree {
  const shown = openGroup(tree);
  if (shown) return throughGroup(shown, true, here);
  const row = toRow(tree, here);
  if (!row) {
    counted.formulas += 1;
    return tree;
  }
  counted.rows += 1;
  return fromRow(throughDetails(row, here));
}

function throughDetails(row: Row, here: Names): Row {
  const { subject } = row;
  const relation = subject.kind === "related" ? relationOf(subject, here) : undefined;
  if (subject.kind !== "related" || !relation || !subject.where) return row;
  const time = relation.time_field ?? "";
  const { stretch, rest } = stretchOf(subject, time);
  const where = rest ? throughGroup(openTop(rest), true, namesOfRelation(relation, here)) : null;
  return { ...row, subject: within(subject, time, { stretch, rest: where }) };
}

test("the tree prints as the text it was read from", () => {
  for (const { text, tree } of expressions) expect(print(tree)).toBe(text);
});

test("text to builder to text changes nothing", () => {
  for (const { text, tree } of expressions) expect(print(throughGroup(openTop(tree), false, names))).toBe(text);
  expect(counted.rows).toBeGreaterThan(60);
  expect(counted.groups).toBeGreaterThan(expressions.length);
  expect(counted.formulas).toBeGreaterThan(20);
});

test("the round trip would notice what a line cannot hold", () => {
  const tree: Tree = { kind: "compare", op: ">", left: { kind: "field", path: ["customer", "spend"], parens: 1 }, right: { kind: "number", text: "5" } };
  const row = toRow(tree, names);
  expect(row && print(fromRow(row))).toBe("(customer.spend) > 5");
  const written: Tree = { kind: "not", item: { kind: "call", name: "has_tag", args: [{ kind: "text", value: "x" }], parens: 1 } };
  expect(toRow(written, names)).toBeNull();
  expect(print(written)).toBe("not (has_tag('x'))");
});
