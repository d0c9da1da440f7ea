import { useCallback } from "react";
import { blockOf, type Graph, type Kind, type Kinds } from "@/shared/canvas";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { fits, useSubject } from "../subject";
import { titleOf } from "./nodes";
import { QuickAdd } from "./QuickAdd";
import type { Wanted } from "./useConnecting";

interface Props {
  wanted: Wanted;
  graph: Graph;
  kinds: Kinds;
  onPick: (kind: Kind, wanted: Wanted) => void;
  onClose: () => void;
}

/** The list of blocks that fit where one was asked for. */
export function AskedBlock({ wanted, graph, kinds, onPick, onClose }: Props) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const { from, into, starts = false } = wanted;
  const about = useSubject(graph.settings);
  const allowed = useCallback(
    (kind: Kind) => {
      if (!fits(kind, about)) return false;
      if (starts) return kind.role === "start";
      if (from) return kind.role !== "start";
      return !into || kind.role !== "end";
    },
    [starts, from, into, about],
  );
  const other = blockOf(graph, from?.block ?? into ?? "");
  const name = other ? titleOf(other, kinds, language) : "";
  const title = starts ? t("quick.start") : from ? t("quick.after", { name }) : into ? t("quick.before", { name }) : t("quick.any");
  return <QuickAdd kinds={kinds} at={wanted.screen} title={title} wanted={wanted.search ?? ""} allowed={allowed} onPick={(kind) => onPick(kind, wanted)} onClose={onClose} />;
}
