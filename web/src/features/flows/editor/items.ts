import type { Block, Graph, Kinds } from "@/shared/canvas";

/** The related set over which a block goes, one by one; null for all other blocks. */
function setOf(block: Block, kinds: Kinds): string | null {
  const schema = kinds.get(block.kind)?.config_schema as { properties?: Record<string, { "x-ui"?: { widget?: string } }> } | undefined;
  const name = Object.entries(schema?.properties ?? {}).find(([, property]) => property["x-ui"]?.widget === "relation")?.[0];
  const set = name === undefined ? null : block.config[name];
  return typeof set === "string" && set !== "" ? set : null;
}

/** All blocks to which one comes from a port, by arrows and by "go to". */
function behind(graph: Graph, from: string, port: string | undefined): Set<string> {
  const ways = [...graph.arrows, ...graph.blocks.flatMap((one) => (typeof one.config.target === "string" ? [{ from: one.id, port: "", to: one.config.target }] : []))];
  const found = new Set<string>();
  const pending = ways.filter((one) => one.from === from && one.port === port).map((one) => one.to);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const way of ways) if (way.from === name) pending.push(way.to);
  }
  return found;
}

/** The related set of which a block sees one thing (`item.`): that of the narrowest "for each" in whose branch it stands, as the server has it. */
export function itemAt(graph: Graph, at: string, kinds: Kinds): string | null {
  const around = graph.blocks.flatMap((block) => {
    const set = setOf(block, kinds);
    const region = set === null ? null : behind(graph, block.id, kinds.get(block.kind)?.ports[0]?.name);
    return set !== null && region?.has(at) ? [{ set, size: region.size }] : [];
  });
  return around.sort((one, other) => one.size - other.size)[0]?.set ?? null;
}
