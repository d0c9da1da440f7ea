import i18next from "i18next";
import { say, type Language } from "@/shared/i18n";
import type { Config, Kind } from "@/shared/canvas";
import { readersHalf } from "./firstWords";

/** Names behind the ids a configuration holds: segments, templates, coupons. */
export type Names = ReadonlyMap<string, string>;

/** What says most about a block comes first; plain switches and classes say too little for one line. */
const TELLING = ["block", "segment", "event_type", "message_template", "coupon_template", "tag", "duration", "user", "flow", "relation"];

interface Property {
  type?: string;
  title?: string;
  format?: string;
  anyOf?: { type?: string }[];
  enum?: unknown[];
  "x-ui"?: { widget?: string; options?: { value: unknown; label: { zh: string; en: string } | string }[] };
}

const SHOWN = 2;
/** Under this the names of the drawing's own blocks are kept, beside those of everything else. */
export function blockKey(id: string): string {
  return `block ${id}`;
}

/** Related sets are named by short words that something else may be called too. */
export function relationKey(name: string): string {
  return `relation ${name}`;
}

/** Two sorts of things may call different stages by one key; without a sort it is that of what the drawing is about. */
export function stageKey(name: string, sort = ""): string {
  return `stage ${sort} ${name}`;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isSpan(value: unknown): value is { amount: string | number; unit: string } {
  return typeof value === "object" && value !== null && "amount" in value && "unit" in value;
}

function rankOf(property: Property): number {
  const position = TELLING.indexOf(property["x-ui"]?.widget ?? "");
  return position < 0 ? TELLING.length : position;
}

function worded(value: unknown, property: Property, names: Names, language: Language): string {
  if (property["x-ui"]?.widget === "block") return typeof value === "string" ? (names.get(blockKey(value)) ?? "") : "";
  if (property["x-ui"]?.widget === "relation") return typeof value === "string" ? (names.get(relationKey(value)) ?? "") : "";
  if (property["x-ui"]?.widget === "thing_stage") return typeof value === "string" && value !== "" ? (names.get(stageKey(value)) ?? value) : "";
  if (isSpan(value)) return `${value.amount} ${i18next.t(`shared:time.unit.${value.unit}`, { lng: language, count: Number(value.amount) })}`;
  // A condition is read as a sentence in the form; here is no room for one, and its code says nothing.
  if (property["x-ui"]?.widget === "expression") return typeof value === "string" && value.trim() !== "" ? i18next.t("flows:block.conditional", { lng: language }) : "";
  if (property.format === "time" && typeof value === "string") return value.slice(0, 5);
  const option = property["x-ui"]?.options?.find((one) => one.value === value);
  if (option) return say(option.label, language);
  // A number with decimals comes as text.
  const amount = typeof value === "string" && property.anyOf?.some((one) => one.type === "number") ? Number(value) : value;
  if (typeof amount === "number" && !Number.isNaN(amount)) return counted(amount, property, language);
  // An id without a name is of something that is gone, or not this reader's to see; an event's name comes with the catalog.
  // What a text is filled in with is written as a gap.
  if (typeof value === "string") return names.get(value) ?? (ID.test(value) || property["x-ui"]?.widget === "event_type" ? "" : readersHalf(value.replace(/\{\{[^}]*\}\}/g, "…"), language));
  if (Array.isArray(value)) return value.map((item) => readersHalf(labelOf(item), language)).filter(Boolean).join(" / ");
  return "";
}

/** A bare number says nothing, and none at all says that there is no limit: "100" is told as what it counts. */
function counted(value: number, property: Property, language: Language): string {
  if (value === 0) return "";
  const [zh = "", en = zh] = (property.title ?? "").split(/\s*\|\s*/);
  const title = (language === "en" ? en : zh).replace(/\s*[(（][^)）]*[)）]\s*/g, " ").replace(/\s*%\s*$/, "").trim();
  const percent = /%\s*$/.test(language === "en" ? en : zh) ? "%" : "";
  return `${title} ${value}${percent}`.trim();
}

function labelOf(item: unknown): string {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return "";
  const { label, name, percent, share, value } = item as Record<string, unknown>;
  // A remembered text says more than the name under which it is kept.
  const kept = typeof value === "string" ? /^'((?:[^'\\]|\\.|'')+)'$/.exec(value)?.[1] : undefined;
  if (kept !== undefined) return `“${kept}”`;
  const text = typeof label === "string" && label ? label : typeof name === "string" ? name : "";
  const part = percent ?? share;
  return typeof part === "number" || typeof part === "string" ? `${text} ${part}%` : text;
}

/** What the form does not show is not a person's to set: a fixed channel goes without saying, and its code says nothing. */
function isTold(property: Property): boolean {
  const ui = property["x-ui"];
  return ui?.options === undefined && ui?.widget !== "text_area" && ui?.widget !== "hidden";
}

/** One line saying what this block will do, read off its configuration. */
export function summaryOf(kind: Kind, config: Config, names: Names, language: Language): string {
  const properties = (kind.config_schema.properties ?? {}) as Record<string, Property>;
  const shown = Object.entries(properties).filter(([, property]) => isTold(property));
  // Beside the name of a template a bare number says nothing; alone ("200" points) it says most.
  const named = shown.some(([, property]) => rankOf(property) < TELLING.length);
  return shown
    .filter(([, property]) => !named || (property.type !== "integer" && property.type !== "number"))
    .sort(([, one], [, other]) => rankOf(one) - rankOf(other))
    .map(([name, property]) => worded(config[name], property, names, language))
    .filter((text) => text !== "" && text !== "null")
    .slice(0, SHOWN)
    .join(" · ");
}
