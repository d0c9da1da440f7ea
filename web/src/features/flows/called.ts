import { portsOf, type Graph, type Kinds } from "@/shared/canvas";
import { say, type Language, type Words } from "@/shared/i18n";
import { titleOf } from "./editor/nodes";
import { summaryOf, type Names } from "./editor/summary";

export interface Called {
  /** A block's name; where others of the drawing have the same, with what it does. `told`: what the server calls it, for one that is drawn no more. */
  block: (id: string, told?: Words | null) => string;
  /** A way out of a block. */
  way: (id: string, port: string) => string;
}

/** Three blocks "Send a message" in one table say nothing: those of one name are told apart by what they do. */
export function called(graph: Graph, kinds: Kinds, names: Names, language: Language): Called {
  const blocks = new Map(graph.blocks.map((block) => [block.id, block]));
  const titles = new Map(graph.blocks.map((block) => [block.id, titleOf(block, kinds, language)]));
  const count = new Map<string, number>();
  for (const title of titles.values()) count.set(title, (count.get(title) ?? 0) + 1);
  return {
    block: (id, told) => {
      const [block, title] = [blocks.get(id), titles.get(id)];
      if (!block || title === undefined) return told ? say(told, language) : id;
      const kind = kinds.get(block.kind);
      const does = kind && (count.get(title) ?? 0) > 1 ? summaryOf(kind, block.config, names, language) : "";
      return does === "" ? title : `${title} · ${does}`;
    },
    way: (id, port) => {
      const block = blocks.get(id);
      const found = portsOf(kinds.get(block?.kind ?? ""), block?.config ?? {}).find((one) => one.name === port);
      return found ? say(found.label, language) || port : port;
    },
  };
}
