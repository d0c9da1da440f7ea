import type { Block, Config, Graph, Kind, Kinds } from "@/shared/canvas";
import type { CatalogField } from "@/shared/expression";
import type { Words } from "@/shared/i18n";
import { CUSTOMER, rootsOf, type Subject } from "../subject";
import { itemAt } from "./items";

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The blocks from which one comes to a block, by arrows and by "go to". */
function before(graph: Graph, to: string): Set<string> {
  const jumps = graph.blocks.flatMap((one) => (typeof one.config.target === "string" ? [{ from: one.id, to: one.config.target }] : []));
  const ways = [...graph.arrows, ...jumps];
  const found = new Set<string>();
  const pending = [to];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const way of ways) {
      if (way.to === name && !found.has(way.from)) {
        found.add(way.from);
        pending.push(way.from);
      }
    }
  }
  return found;
}

/** The event with which customers come to a block, when all starts that lead there agree on one: conditions there may read it. */
export function entryEvent(graph: Graph, at = ""): string | null {
  const coming = before(graph, at);
  const leading = graph.blocks.filter((one) => one.kind.startsWith("start.") && coming.has(one.id));
  // A block that no arrow reaches yet may come to stand behind any of them.
  const starts = leading.length > 0 ? leading : graph.blocks.filter((one) => one.kind === "start.event");
  const types = starts.map((one) => (one.kind === "start.event" && typeof one.config.event_type === "string" ? one.config.event_type : null));
  return new Set(types).size === 1 ? (types[0] ?? null) : null;
}

/**
 * `{event: "@event_type"}` names a sibling field, `"@entry"` the entry event; a root without a type is left out. Where the customer may be
 * read, so may what runs of the flow keep (`run.`, which the server knows by the flow's draft) and the thing whose turn it is (`item.`).
 */
function resolveScope(scope: Json, { config, entry, flow, about, item }: Around): Json {
  const whole = typeof scope.customer === "string";
  const found: Json = { ...(whole && flow !== "" ? { run: `flow.${flow.replaceAll("-", "")}` } : {}), ...(whole && item !== null ? { item: `item.${item}` } : {}) };
  for (const [root, of] of Object.entries(scope)) {
    if (typeof of !== "string") continue;
    if (root === "customer" && about) {
      Object.assign(found, rootsOf(about));
      continue;
    }
    const type = of === "@entry" ? entry : of.startsWith("@") ? config[of.slice(1)] : of;
    if (typeof type === "string" && type !== "") found[root] = type;
  }
  return found;
}

/** A block that a form may name, with the words by which a person knows it. */
interface Choice {
  value: string;
  label: Words;
}

const TYPES = new Set(["text", "number", "bool", "date", "timestamp"]);

/** What runs of this drawing keep: every list of its blocks whose lines have a name and a type of value says some. */
export function keptBy(graph: Graph): CatalogField[] {
  const lines = graph.blocks.flatMap((block) => Object.values(block.config).flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))).filter(isRecord);
  const found = new Map<string, CatalogField>();
  for (const { name, type, label } of lines) {
    if (typeof name !== "string" || name === "" || typeof type !== "string" || !TYPES.has(type)) continue;
    const [zh = name, en = zh] = typeof label === "string" && label !== "" ? label.split(/\s*\|\s*/) : [];
    found.set(name, { name, type, label: { zh, en } });
  }
  return [...found.values()];
}

interface Around {
  config: Config;
  entry: string | null;
  /** The flow's id, "" where there is none yet. */
  flow: string;
  /** What the flow is about; null for customers. */
  about: Subject | null;
  /** The blocks of the drawing that may be named, of one group of the palette or of all. */
  blocks: (group: string | null) => Choice[];
  kept: CatalogField[];
  /** The related set of which the block sees one thing; null where none has its turn. */
  item: string | null;
  /** The block begins runs. */
  starting: boolean;
}

function hinted(hints: Json, around: Around): Json {
  const { blocks, entry } = around;
  const scope = isRecord(hints.scope) ? resolveScope(hints.scope, around) : null;
  const scoped = scope ? { ...hints, scope, ...("run" in scope && around.kept.length > 0 ? { kept: around.kept } : {}) } : hints;
  if (hints.widget === "relation_where") return { ...scoped, relation: around.config[String(hints.of)] };
  if (hints.widget === "thing_stage" || hints.widget === "thing_field") return { ...scoped, subject: around.about?.name ?? "" };
  if (hints.widget === "event_type") return { ...scoped, subject: around.about?.name ?? CUSTOMER, starting: around.starting };
  if (hints.widget === "block") return { ...scoped, options: blocks(typeof hints.group === "string" ? hints.group : null) };
  return hints.widget === "event_field" && entry !== null ? { ...scoped, scope: { event: entry } } : scoped;
}

function walk(value: unknown, around: Around): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, around));
  if (!isRecord(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, around)]));
  const hints = copy["x-ui"];
  if (isRecord(hints)) copy["x-ui"] = hinted(hints, around);
  return copy;
}

function wordsOf(block: Block, kind: Kind): Words {
  const own = block.label?.trim() ?? "";
  const named = (name: string) => (own === "" || own === name ? name : `${own} · ${name}`);
  return { zh: named(kind.label.zh), en: named(kind.label.en) };
}

/** The other blocks one can go on to, in the order of reading; a start is none of them. */
function choicesIn(graph: Graph, own: string, kinds: Kinds, group: string | null): Choice[] {
  const inOrder = [...graph.blocks].sort((one, other) => one.position.y - other.position.y || one.position.x - other.position.x);
  return inOrder.flatMap((block) => {
    const kind = kinds.get(block.kind);
    if (!kind || block.id === own || kind.role === "start" || (group !== null && kind.group !== group)) return [];
    return [{ value: block.id, label: wordsOf(block, kind) }];
  });
}

/** Ports are named by the canvas; their key is no business of a form. */
function hideKeys(schema: Json, kind: Kind): Json {
  const source = kind.port_source;
  const list = source && isRecord(schema.properties) ? schema.properties[source.field] : undefined;
  const items = isRecord(list) ? list.items : undefined;
  const ref = isRecord(items) && typeof items.$ref === "string" ? items.$ref.split("/").at(-1) : undefined;
  const inner = ref !== undefined && isRecord(schema.$defs) ? schema.$defs[ref] : items;
  const properties = isRecord(inner) ? inner.properties : undefined;
  if (source && isRecord(properties) && isRecord(properties[source.name])) properties[source.name] = { ...(properties[source.name] as Json), "x-ui": { widget: "hidden" } };
  return schema;
}

/** A kind's schema made ready for the form of one block of a drawing. */
export function formSchema(kind: Kind, block: Pick<Block, "id" | "config">, graph: Graph, kinds: Kinds, flow = "", about: Subject | null = null): Json {
  const around = { config: block.config, entry: entryEvent(graph, block.id), flow, kept: keptBy(graph), item: itemAt(graph, block.id, kinds), about, starting: kind.role === "start", blocks: (group: string | null) => choicesIn(graph, block.id, kinds, group) };
  return hideKeys(walk(kind.config_schema, around) as Json, kind);
}
