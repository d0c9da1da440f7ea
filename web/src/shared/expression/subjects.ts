import { say, type Language } from "@/shared/i18n";
import type { Names } from "./catalog";
import { call, related, type Tree } from "./tree";

/** A node of the subject picker: groups have children, leaves a tree. */
export interface SubjectOption {
  value: string;
  label: string;
  children?: SubjectOption[];
}

type Word = (key: string) => string;

const SUMMED = ["sum", "avg", "max", "min"] as const;
const PICKED = ["last", "first", "most_frequent"] as const;

/** The aggregates worth offering for a field: sums for numbers, the latest and earliest for times, the favourite for texts. */
function aggregatesOf(type: string): readonly string[] {
  if (type === "number") return SUMMED;
  if (type === "date" || type === "timestamp") return ["last", "first"];
  return PICKED;
}

export function subjectKey(tree: Tree): string {
  switch (tree.kind) {
    case "field":
      return `name:${tree.path.join(".")}`;
    case "related":
      return `related:${tree.aggregate}:${[tree.relation, ...(tree.field ?? [])].join(".")}`;
    case "call":
      return `call:${tree.name}`;
    default:
      return "";
  }
}

export function subjectFromKey(key: string, before: Tree | null): Tree | null {
  const [kind, a = "", b = ""] = key.split(":");
  if (kind === "name") return { kind: "field", path: a.split(".") };
  if (kind === "call") return call(a);
  if (kind !== "related") return null;
  const path = b.split(".");
  // Another question about the same set keeps the window and the conditions already given.
  const kept = before?.kind === "related" && before.relation === path[0] ? { window: before.window ?? null, where: before.where ?? null } : {};
  return related(a, path, kept);
}

function fieldGroups(names: Names, language: Language): SubjectOption[] {
  const groups = new Map<string, SubjectOption>();
  for (const { path, field, group } of names.fields) {
    const key = `group:${path.length > 1 ? path[0] : "row"}`;
    const entry = groups.get(key) ?? { value: key, label: say(group, language), children: [] };
    entry.children?.push({ value: `name:${path.join(".")}`, label: say(field.label, language) });
    groups.set(key, entry);
  }
  return [...groups.values()];
}

function relationGroups(names: Names, language: Language, t: Word): SubjectOption[] {
  return names.relations.map((relation) => ({
    value: `relation:${relation.name}`,
    label: say(relation.label, language),
    children: [
      { value: `related:count:${relation.name}`, label: t("aggregate.count") },
      { value: `related:exists:${relation.name}`, label: t("aggregate.exists") },
      ...(relation.time_field ? [{ value: `related:days_in_a_row:${relation.name}`, label: t("aggregate.days_in_a_row") }] : []),
      ...relation.fields.flatMap((field) =>
        aggregatesOf(field.type).map((aggregate) => ({
          value: `related:${aggregate}:${relation.name}.${field.name}`,
          label: t(`aggregate.${aggregate}`).replace("{{field}}", say(field.label, language)),
        })),
      ),
    ],
  }));
}

/** Everything a condition can be about at this place, in the reader's words. */
export function subjectOptions(names: Names, language: Language, t: Word): SubjectOption[] {
  const members = names.memberships.map((one) => ({ value: `call:${one.function}`, label: say(one.label, language) }));
  return [
    ...fieldGroups(names, language),
    ...relationGroups(names, language, t),
    ...(members.length > 0 ? [{ value: "group:members", label: t("memberships"), children: members }] : []),
  ];
}

/** Path of option values down to a leaf, as a cascader wants it. */
export function optionPath(options: readonly SubjectOption[], key: string): string[] {
  for (const option of options) {
    if (option.value === key) return [option.value];
    const below = optionPath(option.children ?? [], key);
    if (below.length > 0) return [option.value, ...below];
  }
  return [];
}
