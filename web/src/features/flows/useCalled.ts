import { useMemo } from "react";
import type { Graph } from "@/shared/canvas";
import { useLanguage } from "@/shared/i18n";
import { useKinds } from "./api";
import { called, type Called } from "./called";
import { useNames } from "./useNames";

/** What the blocks of a drawing and their ways out are called, in the reader's language. */
export function useCalled(graph: Graph): Called {
  const { kinds } = useKinds();
  const names = useNames();
  const language = useLanguage();
  return useMemo(() => called(graph, kinds, names, language), [graph, kinds, names, language]);
}
