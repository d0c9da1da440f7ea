import { useCallback } from "react";
import { blockOf, type Kinds } from "@/shared/canvas";
import { useLanguage } from "@/shared/i18n";
import type { Finding } from "../api";
import { inReadersWords } from "./firstWords";
import { exitFor, impossible, portOf, type Mend } from "./mends";
import { wantedBelow } from "./useBoard";
import type { Wanted } from "./useConnecting";
import type { Editor } from "./useEditor";

function middle(): { x: number; y: number } {
  return { x: window.innerWidth / 2 - 150, y: window.innerHeight / 2 - 190 };
}

/** What the buttons in the list of findings do. */
export function useMending(editor: Editor, kinds: Kinds, onWanted: (wanted: Wanted) => void, onSettings: () => void) {
  const language = useLanguage();
  return useCallback(
    (mend: Mend, finding: Finding) => {
      const { graph } = editor;
      const block = finding.block === null ? undefined : blockOf(graph, finding.block);
      const port = portOf(finding);
      if (mend === "settings") onSettings();
      else if (mend === "start") onWanted({ at: { x: 0, y: 0 }, screen: middle(), starts: true });
      else if (mend === "cut") editor.cut(impossible(graph, kinds));
      else if (!block) return;
      else if (mend === "remove") editor.removeBlock(block.id);
      else if (mend === "next") onWanted(wantedBelow(graph, kinds, block, port, middle()));
      else if (mend === "exit" && port !== null) {
        const exit = exitFor(graph, kinds);
        if (exit && "block" in exit) editor.connect({ from: block.id, port, to: exit.block });
        else if (exit) editor.add(inReadersWords(exit.kind, language), exit.at, { from: { block: block.id, port } });
      } else if (mend === "wait") {
        const arrow = graph.arrows.find((one) => one.from === block.id);
        const kind = kinds.get("wait.duration") ?? [...kinds.values()].find((one) => one.role === "wait");
        const at = { x: block.position.x + 40, y: block.position.y + 96 };
        if (arrow && kind) editor.add(inReadersWords(kind, language), at, { into: arrow });
      }
    },
    [editor, kinds, language, onWanted, onSettings],
  );
}

