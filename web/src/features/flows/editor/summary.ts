import { say, type Language } from "@/shared/i18n";
import type { Config, Kind } from "@/shared/canvas";

/** Names behind the ids a configuration holds: segments, templates, coupons. */
export type Names = ReadonlyMap<string, string>;

interface Property {
  type?: string;
  enum?: unknown[];
  "x-ui"?: { widget?: string; options?: { value: unknown; label: { zh: string; en: string } | string }[] };
}

const SHOWN = 2;

function worded(value: unknown, property: Property, names: Names, language: Language): string {
  const option = property["x-ui"]?.options?.find((one) => one.value === value);
  if (option) return say(option.label, language);
  if (typeof value === "string") return names.get(value) ?? value;
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
  return Object.entries(properties)
    .map(([name, property]) => worded(config[name], property, names, language))
    .filter((text) => text !== "" && text !== "null")
    .slice(0, SHOWN)
    .join(" · ");
}
