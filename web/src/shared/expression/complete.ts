import { say, type Language } from "@/shared/i18n";
import type { CatalogAnswer, CatalogField, Names } from "./catalog";
import { quote } from "./print";

/** One thing that could be written here. */
export interface Choice {
  /** What is written. */
  text: string;
  /** What it is called in the reader's language. */
  label: string;
  kind: "field" | "function" | "set" | "aggregate" | "value" | "word";
  /** A longer word about it. */
  info?: string;
  /** How many characters before the end of `text` the cursor comes to stand. */
  back?: number;
}

export interface Completion {
  /** Where the piece begins that a choice replaces. */
  from: number;
  choices: Choice[];
}

const WORDS = ["and", "or", "not", "in", "between", "contains", "starts with", "ends with", "is missing", "is not missing", "where", "in last 30 days", "true", "false", "null"];
const AGGREGATE = /\b(count|sum|avg|min|max|first|last|most_frequent|days_in_a_row|exists)\s*\(\s*([^\W\d]\w*)/gu;
const PIECE = /[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]*)*$/u;
const COMPARED = /([\p{L}_][\p{L}\p{N}_.]*)\s*(?:=|!=|(?:not\s+)?in\s*\[(?:[^\]]*,)?)\s*('[^'\n]*)?$/u;

/** The part of the text before the cursor with the contents of finished texts blanked, so that a bracket inside one counts for nothing. */
function bare(before: string): string {
  return before.replace(/'(?:[^'\\\n]|\\.|'')*'|"(?:[^"\\\n]|\\.|"")*"/g, (found) => "_".repeat(found.length));
}

/** The related set whose conditions are being written, if any. */
export function relationAt(text: string, at: number): string | null {
  const before = bare(text.slice(0, at));
  let found: string | null = null;
  for (const match of before.matchAll(AGGREGATE)) {
    let depth = 0;
    for (const char of before.slice(match.index + match[0].indexOf("("))) depth += char === "(" ? 1 : char === ")" ? -1 : 0;
    if (depth > 0) found = match[2] ?? null;
  }
  return found;
}

function isInText(before: string): boolean {
  return (bare(before).match(/['"]/g)?.length ?? 0) % 2 === 1;
}

function fieldNamed(path: string, names: Names, relation: string | null): CatalogField | undefined {
  const own = names.relations.find((one) => one.name === relation)?.fields.find((one) => one.name === path);
  return own ?? names.fields.find((one) => one.path.join(".") === path)?.field;
}

/** The values that an enumerated field can have, after `field =` or within `field in [`. */
function valuesAt(before: string, names: Names, relation: string | null, language: Language): Completion | null {
  const match = COMPARED.exec(before);
  const options = match ? fieldNamed(match[1] ?? "", names, relation)?.options : null;
  if (!match || !options) return null;
  return {
    from: before.length - (match[2]?.length ?? 0),
    choices: options.map((one) => ({ text: quote(one.value), label: say(one.label, language), kind: "value" })),
  };
}

function fieldChoices(names: Names, relation: string | null, language: Language): Choice[] {
  const own = names.relations.find((one) => one.name === relation);
  const bareFields = (own?.fields ?? []).filter((one) => one.usable !== false).map((one): Choice => ({ text: one.name, label: say(one.label, language), kind: "field" }));
  const rooted = names.fields.map(({ path, field, group }): Choice => ({ text: path.join("."), label: `${say(group, language)} · ${say(field.label, language)}`, kind: "field" }));
  return [...bareFields, ...rooted];
}

function setChoices(names: Names, language: Language): Choice[] {
  return names.relations.flatMap((one): Choice[] => [
    { text: one.name, label: say(one.label, language), kind: "set" },
    ...one.fields.map((field): Choice => ({ text: `${one.name}.${field.name}`, label: `${say(one.label, language)} · ${say(field.label, language)}`, kind: "field" })),
  ]);
}

function callChoices(names: Names, catalog: CatalogAnswer, language: Language): Choice[] {
  const seen = new Set<string>();
  const functions = catalog.functions.flatMap((one): Choice[] => {
    if (seen.has(one.name)) return [];
    seen.add(one.name);
    const empty = one.signature.endsWith("()");
    const example = one.example ? `\n${one.example}` : "";
    return [{ text: `${one.name}()`, label: say(one.help, language), kind: "function", info: one.signature + example, back: empty ? 0 : 1 }];
  });
  const members = names.memberships.map((one): Choice => ({ text: `${one.function}('')`, label: say(one.label, language), kind: "function", back: 2 }));
  const aggregates = (catalog.aggregates ?? []).map((one): Choice => ({ text: `${one.name}()`, label: say(one.help, language), kind: "aggregate", back: 1 }));
  return [...aggregates, ...members, ...functions];
}

const OPENED = /\b(count|sum|avg|min|max|first|last|most_frequent|days_in_a_row|exists)\s*\(\s*[\w.]*$/;

/** What could be written at a place. Inside a text only the values of an enumerated field can be offered. */
export function completionsAt(text: string, at: number, names: Names, catalog: CatalogAnswer, language: Language): Completion | null {
  const before = text.slice(0, at);
  const relation = relationAt(text, at);
  const values = valuesAt(before, names, relation, language);
  if (values) return values;
  if (isInText(before)) return null;
  const from = at - (PIECE.exec(before)?.[0].length ?? 0);
  if (OPENED.test(before)) return { from, choices: setChoices(names, language) };
  const choices = [...fieldChoices(names, relation, language), ...callChoices(names, catalog, language), ...WORDS.map((one): Choice => ({ text: one, label: "", kind: "word" }))];
  return { from, choices };
}

/** Matches what was typed against the name and against the word that the reader knows it by. */
export function matching(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLowerCase();
  if (!wanted) return [...choices];
  const rank = (one: Choice): number => {
    const text = one.text.toLowerCase();
    if (text.startsWith(wanted)) return 0;
    if (text.split(".").some((part) => part.startsWith(wanted))) return 1;
    return text.includes(wanted) || one.label.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return choices.map((one, place) => ({ one, place, rank: rank(one) })).filter((one) => one.rank < 3).sort((a, b) => a.rank - b.rank || a.place - b.place).map(({ one }) => one);
}
