import { neighbours, reach, type Block, type Graph, type Kinds } from "@/shared/canvas";

/** The related set over which a block goes, one by one; null for all other blocks. */
function setOf(block: Block, kinds: Kinds): string | null {
  const schema = kinds.get(block.kind)?.config_schema as { properties?: Record<string, { "x-ui"?: { widget?: string } }> } | undefined;
  const name = Object.entries(schema?.properties ?? {}).find(([, property]) => property["x-ui"]?.widget === "relation")?.[0];
  const set = name === undefined ? null : block.config[name];
  return typeof set === "string" && set !== "" ? set : null;
}

/** The related set of which a block sees one thing (`item.`): that of the narrowest "for each" in whose branch it stands, as the server has it. */
export function itemAt(graph: Graph, at: string, kinds: Kinds): string | null {
  const leads = neighbours(graph);
  const around = graph.blocks.flatMap((block) => {
    const set = setOf(block, kinds);
    if (set === null) return [];
    const each = kinds.get(block.kind)?.ports[0]?.name;
    const region = reach(graph.arrows.filter((one) => one.from === block.id && one.port === each).map((one) => one.to), leads);
    return region.has(at) ? [{ set, size: region.size }] : [];
  });
  return around.sort((one, other) => one.size - other.size)[0]?.set ?? null;
}
