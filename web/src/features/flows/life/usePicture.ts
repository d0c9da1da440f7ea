import { useCallback } from "react";
import { pictureOf, portsOf, type Graph, type Kinds } from "@/shared/canvas";
import { say, useLanguage } from "@/shared/i18n";
import { palettes } from "@/shared/theme";
import { titleOf } from "../editor/nodes";
import { summaryOf, type Names } from "../editor/summary";

const SERVICE = "#84508f";

function hueOf(group: string): string {
  const { light } = palettes;
  const hues: Record<string, string> = { start: light.success, decide: light.info, wait: light.warning, reach: light.primaryText, benefit: light.accent, trade: light.accent, customer: SERVICE, service: SERVICE };
  return hues[group] ?? light.inkSoft;
}

/** The whole flow as a picture file, always on light paper: it goes into slides and onto walls. */
export function usePicture(name: string, graph: Graph, kinds: Kinds, names: Names): () => void {
  const language = useLanguage();
  return useCallback(() => {
    const { light } = palettes;
    const blocks = new Map(graph.blocks.map((block) => [block.id, block]));
    const kindOf = (id: string) => kinds.get(blocks.get(id)?.kind ?? "");
    const { svg } = pictureOf(graph, kinds, {
      title: (id) => {
        const block = blocks.get(id);
        return block ? titleOf(block, kinds, language) : id;
      },
      line: (id) => {
        const kind = kindOf(id);
        return kind ? summaryOf(kind, blocks.get(id)?.config ?? {}, names, language) : "";
      },
      way: (id, port) => say(portsOf(kindOf(id), blocks.get(id)?.config ?? {}).find((one) => one.name === port)?.label, language),
      hue: hueOf,
      paper: light.paper,
      surface: light.surface,
      ink: light.ink,
      faint: light.inkFaint,
      edge: light.lineStrong,
    });
    const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}.svg`;
    link.click();
    URL.revokeObjectURL(url);
  }, [name, graph, kinds, names, language]);
}
