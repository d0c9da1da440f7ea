import type { Config, Graph, Kind } from "@/shared/canvas";

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The event with which customers come into the flow, when there is exactly one: later conditions may read it. */
export function entryEvent(graph: Graph): string | null {
  const types = graph.blocks.flatMap((block) => (block.kind === "start.event" && typeof block.config.event_type === "string" ? [block.config.event_type] : []));
  return new Set(types).size === 1 ? (types[0] ?? null) : null;
}

/** `{event: "@event_type"}` names a sibling field, `"@entry"` the entry event; a root without a type is left out. */
function resolveScope(scope: Json, config: Config, entry: string | null): Json {
  const found: Json = {};
  for (const [root, of] of Object.entries(scope)) {
    if (typeof of !== "string") continue;
    const type = of === "@entry" ? entry : of.startsWith("@") ? config[of.slice(1)] : of;
    if (typeof type === "string" && type !== "") found[root] = type;
  }
  return found;
}

function walk(value: unknown, config: Config, entry: string | null): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, config, entry));
  if (!isRecord(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, config, entry)]));
  const hints = copy["x-ui"];
  if (isRecord(hints) && isRecord(hints.scope)) copy["x-ui"] = { ...hints, scope: resolveScope(hints.scope, config, entry) };
  return copy;
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

/** A kind's schema made ready for the form of one block. */
export function formSchema(kind: Kind, config: Config, graph: Graph): Json {
  return hideKeys(walk(kind.config_schema, config, entryEvent(graph)) as Json, kind);
}
