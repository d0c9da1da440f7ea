import type { Words } from "@/shared/i18n";

/** A flow as the server stores it: blocks joined by arrows. Nothing here knows React or React Flow. */
export interface Graph {
  blocks: readonly Block[];
  arrows: readonly Arrow[];
  settings: Settings;
  stickies?: readonly Sticky[];
  frames?: readonly Frame[];
}

export type Hue = "yellow" | "blue" | "green" | "pink" | "grey";

/** A note stuck on the canvas. */
export interface Sticky {
  id: string;
  text: string;
  position: Point;
  width: number;
  height: number;
  hue: Hue;
}

/** A frame around blocks that belong together. */
export interface Frame {
  id: string;
  title: string;
  position: Point;
  width: number;
  height: number;
  hue: Hue;
}

export interface Point {
  x: number;
  y: number;
}

export type Config = Readonly<Record<string, unknown>>;

/** `id` is permanent: statistics and running customers refer to it, across versions. */
export interface Block {
  id: string;
  kind: string;
  version: number;
  config: Config;
  position: Point;
  label?: string;
  note?: string;
  /** A person decides here; nobody gets past without a second person's word. */
  human?: boolean;
}

export interface Arrow {
  from: string;
  port: string;
  to: string;
}

export type Settings = Readonly<Record<string, unknown>>;

export type Role = "start" | "step" | "wait" | "end";

export interface Port {
  name: string;
  label: Words;
  optional?: boolean;
}

/** Ports that follow from a list in the configuration, such as the ways of a condition. */
export interface PortSource {
  field: string;
  name: string;
  label: string;
  before: readonly Port[];
  after: readonly Port[];
}

/** One kind of block, as `GET /v1/flows/kinds` describes it. */
export interface Kind {
  kind: string;
  version: number;
  group: string;
  role: Role;
  label: Words;
  help: Words;
  icon: string;
  needs: readonly string[];
  /** Of no use in a flow about things that have no customer. */
  for_customer?: boolean;
  config_schema: Record<string, unknown>;
  default_config: Config;
  ports: readonly Port[];
  port_source: PortSource | null;
}

export type Kinds = ReadonlyMap<string, Kind>;

export const EMPTY: Graph = { blocks: [], arrows: [], settings: {} };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** One text for every reader, or one for each language: "中文 | English". */
function inBoth(text: string): Words {
  const [zh, en] = text.split("|").map((half) => half.trim());
  return zh && en ? { zh, en } : { zh: text, en: text };
}

/** What a field holds that the drawing leaves out. */
function standardOf(kind: Kind, field: string): unknown {
  const { properties } = kind.config_schema as { properties?: Record<string, { default?: unknown }> };
  return properties?.[field]?.default;
}

/** The ways out of a block, in order. An unknown kind has none: it is shown, but nothing can be joined to it. */
export function portsOf(kind: Kind | undefined, config: Config): readonly Port[] {
  if (!kind) return [];
  const source = kind.port_source;
  if (!source) return kind.ports;
  // What is not said is as the block has it by itself: the engine goes these ways, whether the drawing names them or not.
  const items = config[source.field] ?? standardOf(kind, source.field);
  const own = (Array.isArray(items) ? items : []).filter(isRecord).map((item): Port => {
    const name = textOf(item[source.name]);
    const label = textOf(item[source.label]) || name;
    return { name, label: inBoth(label) };
  });
  return [...source.before, ...own.filter((port) => port.name !== ""), ...source.after];
}

export function blockOf(graph: Graph, id: string): Block | undefined {
  return graph.blocks.find((block) => block.id === id);
}

/** The kind of block that leads on to another without an arrow. */
export const JUMP = "flow.go_to";

/** Where a jump leads; null for every other block, and for one that has not been told yet. */
export function jumpOf(block: Block): string | null {
  const target = block.kind === JUMP ? block.config.target : null;
  return typeof target === "string" && target !== "" ? target : null;
}

/** The shortest free name of the form `b7`: short ids keep a flow's JSON readable in a diff. */
export function freeId(taken: Iterable<string>, prefix = "b"): string {
  const names = new Set(taken);
  let number = names.size + 1;
  while (names.has(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}
