import { blockOf, portsOf, ROW, type Graph, type Kind, type Kinds, type Point } from "@/shared/canvas";
import type { Finding } from "../api";

/** What one press can do about a finding. */
export type Mend = "start" | "next" | "exit" | "wait" | "cut" | "remove" | "settings";

const EXIT = "flow.exit";
const OPEN = new Set(["sketch.openPort", "port_open"]);
const NO_START = new Set(["sketch.empty", "sketch.noStart", "start_missing"]);
const LOOSE = new Set(["sketch.deadArrow", "arrow_loose", "port_unknown", "start_entered", "port_twice"]);
const REMOVABLE = new Set(["sketch.unreachable", "sketch.unknownKind", "unreachable", "kind_unknown"]);
const LOOPS = new Set(["sketch.busyLoop", "loop_without_wait"]);

export function mendsFor(finding: Finding, graph: Graph, kinds: Kinds): Mend[] {
  if (NO_START.has(finding.code)) return ["start"];
  if (LOOSE.has(finding.code)) return ["cut"];
  if (finding.where?.startsWith("settings")) return ["settings"];
  if (finding.block === null || !blockOf(graph, finding.block)) return [];
  if (OPEN.has(finding.code)) return kinds.has(EXIT) ? ["next", "exit"] : ["next"];
  if (REMOVABLE.has(finding.code)) return ["remove"];
  return LOOPS.has(finding.code) ? ["wait"] : [];
}

/** The way out that a finding is about, by its name. */
export function portOf(finding: Finding): string | null {
  return finding.where?.startsWith("ports.") ? finding.where.slice("ports.".length) : null;
}

/** The exit that open ways are led to: the one there is, else a new one below everything. */
export function exitFor(graph: Graph, kinds: Kinds): { block: string } | { kind: Kind; at: Point } | null {
  const known = graph.blocks.find((block) => block.kind === EXIT);
  if (known) return { block: known.id };
  const kind = kinds.get(EXIT);
  const lowest = graph.blocks.reduce((low, block) => (block.position.y > low.position.y ? block : low), graph.blocks[0] ?? { position: { x: 0, y: -ROW } });
  return kind ? { kind, at: { x: lowest.position.x, y: lowest.position.y + ROW } } : null;
}

/** Arrows that cannot be: without a block at an end, from a way that is gone, into a start, or a second one from one way. */
export function impossible(graph: Graph, kinds: Kinds): Graph["arrows"] {
  const seen = new Set<string>();
  return graph.arrows.filter((arrow) => {
    const from = blockOf(graph, arrow.from);
    const to = blockOf(graph, arrow.to);
    const way = `${arrow.from} ${arrow.port}`;
    const twice = seen.has(way);
    seen.add(way);
    const kind = from && kinds.get(from.kind);
    const known = !kind || portsOf(kind, from.config).some((port) => port.name === arrow.port);
    return !from || !to || twice || !known || kinds.get(to.kind)?.role === "start";
  });
}
