import { App } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/shared/api";
import { EMPTY, type Graph } from "@/shared/canvas";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import type { useAutosave } from "../editor/useAutosave";
import type { Editor } from "../editor/useEditor";
import { useDeed, type Variant, type Version } from "./api";
import type { Comparison } from "./ComparePanel";
import { downloadFlow } from "./ImportFlow";
import { useOpened } from "./Review";

interface Over {
  before: Graph;
  number: number;
  /** What a request wants published; the draft where it is none. */
  asked?: Graph;
}

/** Versions: laid over the draft, brought back as the draft, ended before their time; and the flow as a file. */
export function useLife(flow: Flow, editor: Editor, autosave: ReturnType<typeof useAutosave>, onEdit: () => void) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const { modal } = App.useApp();
  const [over, setOver] = useState<Over | null>(null);
  const comparison = useMemo<Comparison | null>(() => (over ? { before: over.before, number: over.number, after: over.asked ?? editor.graph, asked: over.asked !== undefined } : null), [over, editor.graph]);
  const ending = useDeed((variant: Variant) => api.post<Flow>(`/flows/${flow.id}/variants/${variant.id}/end`, {}));
  const bring = useDeed(async (version: Version) => {
    await autosave.flush();
    const now = await api.get<Flow>(`/flows/${flow.id}`);
    return api.post<Flow>(`/flows/${flow.id}/versions/${version.id}/restore`, { etag: now.etag });
  });
  const { adopt } = autosave;
  const { rework } = editor;
  const restore = (version: Version) => {
    bring.mutate(version, {
      onSuccess: (after) => {
        adopt(after);
        rework(after.draft);
        onEdit();
        told.done(t("versions.restored", { n: version.number }));
      },
      onError: told.failed,
    });
  };
  const compare = useCallback((before: Graph, number: number, asked?: Graph) => {
    setOver({ before, number, ...(asked ? { asked } : {}) });
    onEdit();
  }, [onEdit]);
  /** Asked first: it changes what newcomers meet, and what those inside the variant do. */
  const end = (variant: Variant) => {
    const how = variant.state === "running" ? "ending" : "dropping";
    const then = t(`variant.then.${variant.at_end}`);
    modal.confirm({
      title: t(`variant.${how}.title`, { name: variant.name }),
      content: t(`variant.${how}.means`, { then }),
      okText: t(`variant.${how}.go`),
      cancelText: t("switch.keep"),
      onOk: () => ending.mutateAsync(variant).then(() => told.done(t(`variant.${how}.done`)), told.failed),
    });
  };
  return {
    comparison,
    compare,
    stopComparing: () => setOver(null),
    restore,
    end,
    download: () => void downloadFlow(flow).catch(told.failed),
  };
}

/** Somebody comes from a request in the list: what it asks for is laid over what runs, as soon as both are there. */
export function useAskedDrawing(id: string | undefined, flow: Flow, published: Graph | null, compare: (before: Graph, number: number, asked: Graph) => void): void {
  const graph = useOpened(id).data?.graph;
  const ready = graph !== undefined && (published !== null || !flow.published);
  const number = flow.published?.number ?? 0;
  const drawn = useRef(false);
  useEffect(() => {
    if (!ready || drawn.current) return;
    drawn.current = true;
    compare(published ?? EMPTY, number, graph);
  }, [ready, graph, published, number, compare]);
}
