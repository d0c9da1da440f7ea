import type { CatalogField } from "@/shared/expression";
import type { Language, Words } from "@/shared/i18n";

/** Hints a block's or form's author gives beside the types. */
export interface UiHints {
  widget?: string;
  scope?: Record<string, string>;
  returns?: string;
  help?: Words;
  placeholder?: Words;
  options?: { value: string; label: Words }[];
  unit?: Words;
  /** The related set that a condition on its rows is about; empty while none is chosen. */
  relation?: string;
  /** What runs of the flow keep, as far as its drawing says. */
  kept?: CatalogField[];
  /** Only what every reader of the text may see is offered. */
  plain?: boolean;
  /** What the flow is about, where the choice depends on it. */
  subject?: string;
  /** Events that set something going: of those of its customer a thing hears none. */
  starting?: boolean;
  /** Shown only while a sibling field has one of these values. */
  show_if?: Record<string, unknown>;
}

/** The part of JSON Schema 2020-12 that pydantic writes. */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  title?: string;
  description?: string;
  format?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  discriminator?: { propertyName: string };
  "x-ui"?: UiHints;
}

export type Value = unknown;
export type Values = Record<string, Value>;

/** Follows `$ref` and the wrapper pydantic puts around optional fields; hints on the outside win. */
export function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return merged(resolve(root.$defs?.[name] ?? {}, root), schema);
  }
  if (schema.allOf?.length === 1 && schema.allOf[0]) return merged(resolve(schema.allOf[0], root), schema);
  const choices = (schema.anyOf ?? []).filter((one) => one.type !== "null");
  if (choices.length === 1 && choices[0]) return merged(resolve(choices[0], root), schema);
  // A decimal is offered as number or text; text keeps it exact.
  const exact = choices.find((one) => one.type === "string");
  if (exact && choices.some((one) => one.type === "number")) return merged({ ...exact, format: "decimal" }, schema);
  return schema;
}

function merged(inner: Schema, outer: Schema): Schema {
  const both = { ...inner, ...outer };
  delete both.$ref;
  delete both.anyOf;
  delete both.allOf;
  return both;
}

export function isOptional(schema: Schema): boolean {
  return schema.anyOf?.some((one) => one.type === "null") ?? false;
}

/** `中文 | English` -> the reader's half; without a bar the whole, else the field's name. */
export function titleOf(schema: Schema, name: string, language: Language): string {
  return half(schema.title, language) || name;
}

export function half(text: string | undefined, language: Language): string {
  const [zh = "", en = zh] = (text ?? "").split(/\s*\|\s*/);
  return language === "en" ? en : zh;
}

/** A value a new field or list item starts with. */
export function initial(schema: Schema, root: Schema): Value {
  if (schema.default !== undefined) return schema.default;
  if (isOptional(schema)) return null;
  const here = resolve(schema, root);
  if (here.default !== undefined) return here.default;
  if (here.const !== undefined) return here.const;
  if (here.enum) return here.enum[0];
  const variants = here.oneOf ?? here.anyOf;
  if (variants?.[0]) return initial(variants[0], root);
  switch (here.type) {
    case "object":
      return initialValues(here, root);
    case "array":
      return Array.from({ length: here.minItems ?? 0 }, () => initial(here.items ?? {}, root));
    case "boolean":
      return false;
    case "integer":
    case "number":
      return here.minimum ?? 0;
    default:
      return "";
  }
}

export function initialValues(schema: Schema, root: Schema = schema): Values {
  const here = resolve(schema, root);
  return Object.fromEntries(Object.entries(here.properties ?? {}).map(([name, field]) => [name, initial(field, root)]));
}

export function isShown(schema: Schema, siblings: Values): boolean {
  const rule = schema["x-ui"]?.show_if;
  if (!rule) return true;
  return Object.entries(rule).every(([name, wanted]) => (Array.isArray(wanted) ? wanted.includes(siblings[name]) : siblings[name] === wanted));
}

/** Findings under `path`: for `ways`, `ways[1].condition` belongs to it. */
export interface FieldFinding {
  where: string;
  text: string;
  severity?: "error" | "warning";
}

export function findingsAt(findings: readonly FieldFinding[], path: string): FieldFinding[] {
  return findings.filter((one) => one.where === path);
}

export function joinPath(base: string, name: string | number): string {
  if (typeof name === "number") return `${base}[${name}]`;
  return base ? `${base}.${name}` : name;
}
