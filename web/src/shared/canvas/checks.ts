import { jumpOf, portsOf, type Graph, type Kinds } from "./model";

/** What the canvas can see by itself while a person draws; the server's check has the last word. */
export type SketchCode = "empty" | "noStart" | "openPort" | "unreachable" | "busyLoop" | "unknownKind" | "deadArrow";

export interface SketchFinding {
  code: SketchCode;
  block: string | null;
  port?: string;
}

/** Block -> where its arrows and its jump lead. */
export function neighbours(graph: Graph): Map<string, string[]> {
  const map = new Map<string, string[]>();
  const lead = (from: string, to: string) => {
    const known = map.get(from);
    if (known) known.push(to);
    else map.set(from, [to]);
  };
  for (const arrow of graph.arrows) lead(arrow.from, arrow.to);
  for (const block of graph.blocks) {
    const target = jumpOf(block);
    if (target !== null) lead(block.id, target);
  }
  return map;
}

/** These blocks and all that can be reached from them. */
export function reach(from: readonly string[], edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(from);
  const queue = [...from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of edges.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}

/** Blocks on a loop that passes no waiting block: a customer would go round without end in one moment. */
function busyLoops(graph: Graph, kinds: Kinds): string[] {
  const waits = new Set(graph.blocks.filter((block) => kinds.get(block.kind)?.role === "wait").map((block) => block.id));
  const edges = new Map<string, string[]>();
  for (const arrow of graph.arrows) {
    if (waits.has(arrow.from) || waits.has(arrow.to)) continue;
    edges.set(arrow.from, [...(edges.get(arrow.from) ?? []), arrow.to]);
  }
  return graph.blocks.filter((block) => reach(edges.get(block.id) ?? [], edges).has(block.id)).map((block) => block.id);
}

export function sketchFindings(graph: Graph, kinds: Kinds): SketchFinding[] {
  if (graph.blocks.length === 0) return [{ code: "empty", block: null }];
  const findings: SketchFinding[] = [];
  const starts = graph.blocks.filter((block) => kinds.get(block.kind)?.role === "start").map((block) => block.id);
  if (starts.length === 0) findings.push({ code: "noStart", block: null });
  const ids = new Set(graph.blocks.map((block) => block.id));
  const joined = new Set(graph.arrows.map((arrow) => `${arrow.from} ${arrow.port}`));
  const reachable = reach(starts, neighbours(graph));
  for (const block of graph.blocks) {
    const kind = kinds.get(block.kind);
    if (!kind) findings.push({ code: "unknownKind", block: block.id });
    for (const port of portsOf(kind, block.config)) {
      if (!port.optional && !joined.has(`${block.id} ${port.name}`)) findings.push({ code: "openPort", block: block.id, port: port.name });
    }
    if (starts.length > 0 && !reachable.has(block.id)) findings.push({ code: "unreachable", block: block.id });
  }
  for (const arrow of graph.arrows) if (!ids.has(arrow.from) || !ids.has(arrow.to)) findings.push({ code: "deadArrow", block: arrow.from, port: arrow.port });
  for (const id of busyLoops(graph, kinds)) findings.push({ code: "busyLoop", block: id });
  return findings;
}
