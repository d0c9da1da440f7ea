import { useCallback, useMemo, useState } from "react";
import { api } from "@/shared/api";
import type { Graph } from "@/shared/canvas";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import type { useAutosave } from "../editor/useAutosave";
import type { Editor } from "../editor/useEditor";
import { useDeed, type Variant, type Version } from "./api";
import type { Comparison } from "./ComparePanel";
import { downloadFlow } from "./ImportFlow";

interface Over {
  before: Graph;
  number: number;
}

/** Versions: laid over the draft, brought back as the draft, ended before their time; and the flow as a file. */
export function useLife(flow: Flow, editor: Editor, autosave: ReturnType<typeof useAutosave>, onEdit: () => void) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const [over, setOver] = useState<Over | null>(null);
  const comparison = useMemo<Comparison | null>(() => (over ? { ...over, after: editor.graph } : null), [over, editor.graph]);
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
  const compare = useCallback((before: Graph, number: number) => {
    setOver({ before, number });
    onEdit();
  }, [onEdit]);
  return {
    comparison,
    compare,
    stopComparing: () => setOver(null),
    restore,
    end: (variant: Variant) => ending.mutate(variant, { onSuccess: () => told.done(t("variant.ended")), onError: told.failed }),
    download: () => void downloadFlow(flow).catch(told.failed),
  };
}
