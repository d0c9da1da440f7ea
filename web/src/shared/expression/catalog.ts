import { useQuery } from "@tanstack/react-query";
import { api } from "@/shared/api";
import type { Words } from "@/shared/i18n";

export interface CatalogField {
  name: string;
  /** `number`, `text`, `bool`, `date`, `timestamp`, `duration`, `list[text]`. */
  type: string;
  label: Words;
  unit?: Words | null;
  options?: { value: string; label: Words }[] | null;
  privacy?: string;
  /** False for encrypted values, which no condition may ask. */
  usable?: boolean;
}

export interface CatalogRelation {
  name: string;
  label: Words;
  from: string;
  fields: CatalogField[];
  time_field?: string | null;
}

export interface CatalogRoot {
  name: string;
  label: Words;
  fields: CatalogField[];
  /** That a flow may be about it: whether such a thing may have a customer, and the events about it. */
  subject?: { customer: boolean; events: string[] } | null;
  /** An event that is only ever told as history: it sets nothing going. */
  history?: boolean;
}

export interface CatalogMembership {
  name: string;
  function: string;
  label: Words;
  from: string;
  /** `uuid` for a set named by its id, `text` for one named by its name. */
  value?: string;
}

export interface CatalogFunction {
  name: string;
  signature: string;
  help: Words;
  group?: string;
  example?: string;
  note?: Words | null;
}

export interface CatalogAggregate {
  name: string;
  help: Words;
}

/** The answer of `GET /v1/catalog`: everything an expression may speak of. */
export interface CatalogAnswer {
  entities: CatalogRoot[];
  relations: CatalogRelation[];
  memberships: CatalogMembership[];
  event_types: CatalogRoot[];
  functions: CatalogFunction[];
  aggregates?: CatalogAggregate[];
  areas?: { kind: string; label: Words }[];
  operators: Record<string, string[]>;
}

/** Scope of an expression: name -> entity or event type, such as `{ customer: "customer", event: "order.paid" }`. */
export type ScopeRoots = Readonly<Record<string, string>>;

export const CUSTOMER_SCOPE: ScopeRoots = { customer: "customer" };

export function useCatalog() {
  return useQuery({ queryKey: ["/catalog"], queryFn: ({ signal }) => api.get<CatalogAnswer>("/catalog", undefined, signal), staleTime: 5 * 60_000 });
}

/** A field as it is written in the scope at hand, `customer.city` or, inside a relation's "where", `category`. */
export interface ScopedField {
  path: string[];
  field: CatalogField;
  group: Words;
}

/** What can be named at one place of an expression. */
export interface Names {
  fields: ScopedField[];
  relations: CatalogRelation[];
  memberships: CatalogMembership[];
  operators: Record<string, string[]>;
}

const WRITTEN = new Set(["text", "number", "bool", "date", "timestamp"]);

function rootOf(catalog: CatalogAnswer, of: string): CatalogRoot | undefined {
  return catalog.entities.find((one) => one.name === of) ?? catalog.event_types.find((one) => one.name === of);
}

/** A row of a related set as a root (`item.lines`): what the branches of "for each" are about. */
function rowOf(catalog: CatalogAnswer, of: string): CatalogRoot | undefined {
  const found = of.startsWith("item.") ? catalog.relations.find((one) => one.name === of.slice("item.".length)) : undefined;
  return found && { name: of, label: found.label, fields: found.fields.filter((one) => WRITTEN.has(one.type)) };
}

/** What the runs of a flow keep, which no catalog knows: fields of the root `run`, under a word of their own. */
export interface Kept {
  group: Words;
  fields: readonly CatalogField[];
}

export function namesIn(catalog: CatalogAnswer, roots: ScopeRoots, kept: Kept | null = null): Names {
  const fields: ScopedField[] = [];
  const entities = new Set(Object.values(roots));
  for (const [alias, of] of Object.entries(roots)) {
    const root = rootOf(catalog, of) ?? rowOf(catalog, of);
    for (const field of (root?.fields ?? []).filter((one) => one.usable !== false)) fields.push({ path: [alias, ...field.name.split(".")], field, group: root?.label ?? { zh: alias, en: alias } });
  }
  if (kept && "run" in roots) for (const field of kept.fields) fields.push({ path: ["run", field.name], field, group: kept.group });
  return {
    fields,
    relations: catalog.relations.filter((one) => entities.has(one.from)),
    memberships: catalog.memberships.filter((one) => entities.has(one.from)),
    operators: catalog.operators,
  };
}

/** Inside "where" the row's own fields are written bare. */
export function namesOfRelation(relation: CatalogRelation, names: Names): Names {
  return {
    fields: relation.fields.map((field) => ({ path: field.name.split("."), field, group: relation.label })),
    relations: [],
    memberships: [],
    operators: names.operators,
  };
}

/** May the field stand in a text that colleagues with different rights read, and can it be written at all? */
export function isWritable(field: CatalogField): boolean {
  return (field.privacy ?? "plain") === "plain" && WRITTEN.has(field.type);
}

/**
 * The types of event that can concern a subject, `customer` or an entity: its own, and those of its customer, which start nothing about a
 * thing; none that are history. As the check of a flow has it (`event_not_about`). `chosen` is listed whatever it is.
 */
export function eventsOf(catalog: CatalogAnswer, subject: string, starting: boolean, chosen: string | null = null): CatalogRoot[] {
  const about = catalog.entities.find((one) => one.name === subject)?.subject;
  const ofNobody = new Set(catalog.entities.flatMap((one) => (one.subject && !one.subject.customer ? one.subject.events : [])));
  const hears = (name: string) => about?.events.includes(name) === true || (!ofNobody.has(name) && (about ? about.customer && !starting : true));
  return catalog.event_types.filter(({ name, history }) => name === chosen || (history !== true && hears(name)));
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
