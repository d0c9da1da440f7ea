import i18next from "i18next";
import { say, type Language } from "@/shared/i18n";
import type { Config, Kind } from "@/shared/canvas";

/** Names behind the ids a configuration holds: segments, templates, coupons. */
export type Names = ReadonlyMap<string, string>;

/** What says most about a block comes first; plain switches and classes say too little for one line. */
const TELLING = ["segment", "event_type", "message_template", "coupon_template", "tag", "duration", "user", "flow"];

interface Property {
  type?: string;
  enum?: unknown[];
  "x-ui"?: { widget?: string; options?: { value: unknown; label: { zh: string; en: string } | string }[] };
}

const SHOWN = 2;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isSpan(value: unknown): value is { amount: string | number; unit: string } {
  return typeof value === "object" && value !== null && "amount" in value && "unit" in value;
}

function rankOf(property: Property): number {
  const position = TELLING.indexOf(property["x-ui"]?.widget ?? "");
  return position < 0 ? TELLING.length : position;
}

function worded(value: unknown, property: Property, names: Names, language: Language): string {
  if (isSpan(value)) return `${value.amount} ${i18next.t(`shared:time.unit.${value.unit}`, { lng: language, count: Number(value.amount) })}`;
  // A condition is read as a sentence in the form; here is no room for one, and its code says nothing.
  if (property["x-ui"]?.widget === "expression") return typeof value === "string" && value.trim() !== "" ? i18next.t("flows:block.conditional", { lng: language }) : "";
  const option = property["x-ui"]?.options?.find((one) => one.value === value);
  if (option) return say(option.label, language);
  // An id without a name is of something that is gone, or not this reader's to see; an event's name comes with the catalog.
  if (typeof value === "string") return names.get(value) ?? (ID.test(value) || property["x-ui"]?.widget === "event_type" ? "" : value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map((item) => labelOf(item)).filter(Boolean).join(" / ");
  return "";
}

function labelOf(item: unknown): string {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return "";
  const { label, name, percent, share } = item as Record<string, unknown>;
  const text = typeof label === "string" && label ? label : typeof name === "string" ? name : "";
  const part = percent ?? share;
  return typeof part === "number" || typeof part === "string" ? `${text} ${part}%` : text;
}

/** One line saying what this block will do, read off its configuration. */
export function summaryOf(kind: Kind, config: Config, names: Names, language: Language): string {
  const properties = (kind.config_schema.properties ?? {}) as Record<string, Property>;
  const shown = Object.entries(properties).filter(([, property]) => property["x-ui"]?.options === undefined && property["x-ui"]?.widget !== "text_area");
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
