import { MarkerType, Position, type NodeHandle } from "@xyflow/react";
import { arrowKey, BLOCK_HEIGHT, portShare, portsOf, WATCHED_HEIGHT, widthFor, type Arrow, type Block, type Config, type Graph, type GraphDiff, type Kind, type Kinds, type Point, type Port } from "@/shared/canvas";
import { say, type Language } from "@/shared/i18n";
import type { Finding, FlowStats } from "../api";
import type { ArrowEdgeType } from "./ArrowEdge";
import type { BlockNodeType } from "./BlockNode";
import type { FrameNodeType, StickyNodeType } from "./Extras";
import { subjectName } from "../subject";
import { readersHalf } from "./firstWords";
import { sameData } from "./sameData";
import { blockKey, stageKey, summaryOf, type Names } from "./summary";

export type CanvasNode = BlockNodeType | StickyNodeType | FrameNodeType;

/** What is drawn over the graph: findings, counts, what changed. */
export interface Overlay {
  findings: readonly Finding[];
  stats: FlowStats | null;
  diff: GraphDiff | null;
  onCount: ((block: string, state: "inside" | "failed") => void) | null;
  /** Blocks have a line of counts, and are that much higher. */
  watched: boolean;
}

function problemOf(block: string, findings: readonly Finding[]): "error" | "warning" | null {
  const own = findings.filter((finding) => finding.block === block);
  if (own.some((finding) => finding.severity === "error")) return "error";
  return own.length > 0 ? "warning" : null;
}

export type Change = "added" | "changed" | "removed" | "moved";

function changeOf(block: string, diff: GraphDiff | null): Change | null {
  if (diff?.added.includes(block)) return "added";
  if (diff?.removed.some((one) => one.id === block)) return "removed";
  if (diff?.changed.includes(block)) return "changed";
  return diff?.moved.includes(block) ? "moved" : null;
}

/** A block's name as a person sees it: what the author called it, else the kind's own name. */
export function titleOf(block: Block, kinds: Kinds, language: Language): string {
  const kind = kinds.get(block.kind);
  const own = block.label?.trim() ?? "";
  if (own !== "") return readersHalf(own, language);
  return kind ? say(kind.label, language) : block.kind;
}

const HANDLE_HEIGHT = 24;
const HANDLE_WIDTH_MAX = 72;
const ENTRANCE_WIDTH = 32;

/** How wide the place is from which an arrow is drawn: easy to hit, and no wider than its share of the block. */
export function handleWidth(width: number, ports: number): number {
  return Math.min(HANDLE_WIDTH_MAX, width / Math.max(ports, 1));
}

/**
 * Where a block's handles are, as its style sheet puts them. React Flow would draw every block once to measure them, however far out
 * of sight it stands; told beforehand, it draws what is seen.
 */
function handlesOf(role: string, ports: readonly Port[], width: number, height: number): NodeHandle[] {
  const out = handleWidth(width, ports.length);
  const ways = ports.map((port, index): NodeHandle => ({ id: port.name, type: "source", position: Position.Bottom, x: portShare(index, ports.length) * width - out / 2, y: height - 1 - HANDLE_HEIGHT / 2, width: out, height: HANDLE_HEIGHT }));
  if (role === "start") return ways;
  return [{ type: "target", position: Position.Top, x: (width - ENTRANCE_WIDTH) / 2, y: 1 - HANDLE_HEIGHT / 2, width: ENTRANCE_WIDTH, height: HANDLE_HEIGHT }, ...ways];
}

const naming = new WeakMap<Kind, boolean>();

function namesBlocks(kind: Kind | undefined): boolean {
  if (!kind) return false;
  const known = naming.get(kind) ?? /"widget":"(block|thing_stage)"/.test(JSON.stringify(kind.config_schema));
  naming.set(kind, known);
  return known;
}

/** A block that names another, or a stage of what the flow is about, says it by its words. Only few do, so the names are gathered only then. */
function withBlocks(names: Names, graph: Graph, kinds: Kinds, language: Language): Names {
  if (!graph.blocks.some((block) => namesBlocks(kinds.get(block.kind)))) return names;
  const own = graph.blocks.map((block): [string, string] => [blockKey(block.id), titleOf(block, kinds, language)]);
  const sort = stageKey("", subjectName(graph.settings));
  const stages = [...names].flatMap(([key, name]): [string, string][] => (key.startsWith(sort) ? [[stageKey(key.slice(sort.length)), name]] : []));
  return new Map([...names, ...own, ...stages]);
}

/** Is something missing that the block cannot do without? */
function lacks(kind: Kind | undefined, config: Config): boolean {
  const required: unknown = kind?.config_schema.required;
  return Array.isArray(required) && required.some((name) => config[String(name)] === undefined || config[String(name)] === null || config[String(name)] === "");
}

export function nodesOf(graph: Graph, kinds: Kinds, selected: ReadonlySet<string>, names: Names, overlay: Overlay, language: Language): BlockNodeType[] {
  const inside = Object.values(overlay.stats?.blocks ?? {}).reduce((sum, block) => sum + block.inside, 0);
  const known = withBlocks(names, graph, kinds, language);
  return graph.blocks.map((block) => {
    const kind = kinds.get(block.kind);
    const ports = portsOf(kind, block.config);
    const role = kind?.role ?? "step";
    const size = { width: widthFor(ports.length), height: overlay.watched ? WATCHED_HEIGHT : BLOCK_HEIGHT };
    const stats = overlay.stats ? (overlay.stats.blocks[block.id] ?? { entered: 0, inside: 0, failed: 0, ports: {} }) : null;
    return {
      id: block.id,
      type: "block",
      position: block.position,
      ...size,
      measured: size,
      handles: handlesOf(role, ports, size.width, size.height),
      selected: selected.has(block.id),
      ariaLabel: titleOf(block, kinds, language),
      data: {
        kind: block.kind,
        group: kind?.group ?? "flow",
        icon: kind?.icon ?? "",
        role,
        title: titleOf(block, kinds, language),
        kindName: kind ? say(kind.label, language) : block.kind,
        needsSetup: lacks(kind, block.config),
        summary: kind ? summaryOf(kind, block.config, known, language) : "",
        ports,
        width: size.width,
        note: block.note?.trim() ?? "",
        human: block.human ?? false,
        watched: overlay.watched,
        problem: problemOf(block.id, overlay.findings),
        change: changeOf(block.id, overlay.diff),
        stats,
        heat: stats && inside > 0 ? stats.inside / inside : 0,
        onCount: overlay.onCount,
      },
    };
  });
}

/** What is drawn already is kept where nothing changed, so that an edit draws its own block again and not the whole canvas. */
export function kept(shown: readonly CanvasNode[], wanted: readonly CanvasNode[]): CanvasNode[] {
  const known = new Map(shown.map((node) => [node.id, node]));
  return wanted.map((node) => {
    const before = known.get(node.id);
    if (!before) return node;
    const data = sameData(before.data, node.data) ? before.data : node.data;
    const still = data === before.data && before.position.x === node.position.x && before.position.y === node.position.y && before.selected === node.selected && before.width === node.width && before.height === node.height && before.height === node.height && before.ariaLabel === node.ariaLabel;
    // What React Flow measured of a node is kept, or every edit would measure the whole canvas again.
    return still ? before : ({ ...before, ...node, data } as CanvasNode);
  });
}

export const edgeId = arrowKey;

export function edgesOf(graph: Graph, ways: ReadonlyMap<string, Point[]>, overlay: Overlay, onRemove: ((arrow: Arrow) => void) | null): ArrowEdgeType[] {
  return graph.arrows.map((arrow) => {
    const block = overlay.stats?.blocks[arrow.from];
    const count = overlay.stats ? (block?.ports[arrow.port] ?? 0) : null;
    const total = Object.values(block?.ports ?? {}).reduce((sum, one) => sum + one, 0);
    const among = (arrows: readonly Arrow[] | undefined) => arrows?.some((one) => edgeId(one) === edgeId(arrow)) ?? false;
    const change = among(overlay.diff?.arrowsAdded) ? "added" : among(overlay.diff?.arrowsRemoved) ? "removed" : null;
    return {
      id: edgeId(arrow),
      type: "arrow",
      source: arrow.from,
      sourceHandle: arrow.port,
      target: arrow.to,
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, markerUnits: "userSpaceOnUse", color: "var(--t-ink-faint)" },
      data: { arrow, count, share: count !== null && total > 0 ? count / total : null, change, onRemove, way: ways.get(edgeId(arrow)) ?? null },
    };
  });
}
