import type { TFunction } from "i18next";
import { createContext, useContext } from "react";
import { say, type Words } from "@/shared/i18n";

interface CanvasWords {
  t: TFunction<"flows">;
  say: (words: Words | string | null | undefined) => string;
}

/** The words of the canvas, asked for once: asking in each of some hundred blocks and arrows is a good part of drawing them. */
export const CanvasWordsContext = createContext<CanvasWords | null>(null);

export function useCanvasWords(): CanvasWords {
  const words = useContext(CanvasWordsContext);
  if (!words) throw new Error("blocks and arrows are drawn inside a Canvas");
  return words;
}

export function wordsIn(t: TFunction<"flows">, language: "zh" | "en"): CanvasWords {
  return { t, say: (words) => say(words, language) };
}
