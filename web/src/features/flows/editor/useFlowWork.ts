import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api } from "@/shared/api";
import type { Graph, Kinds } from "@/shared/canvas";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { checkFlow, flowKey, type Action, type Finding, type Flow, type FlowVersion } from "../api";
import { publishFlow, useDeed, type Publishing } from "../life/api";
import { useSwitch } from "../life/useSwitch";
import { useSketch } from "./Problems";

/** The published graph, to compare with and to watch. */
export function usePublished(flow: Flow | undefined): Graph | null {
  const id = flow?.published?.version_id;
  const query = useQuery({
    queryKey: [...flowKey(flow?.id ?? ""), "versions", id],
    queryFn: ({ signal }) => api.get<FlowVersion>(`/flows/${flow?.id ?? ""}/versions/${id ?? ""}`, undefined, signal),
    enabled: id !== undefined,
    staleTime: Infinity,
  });
  return query.data?.graph ?? null;
}

interface Checked {
  graph: Graph;
  findings: Finding[];
}

/** Checking, publishing, pausing: what is done with the flow as a whole, always on the saved draft. */
export function useFlowWork(flow: Flow, graph: Graph, kinds: Kinds, flush: () => Promise<boolean>, onPublished: () => void) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const [checked, setChecked] = useState<Checked | null>(null);
  const [publishing, setPublishing] = useState(false);
  const sketch = useSketch(graph, kinds);
  const published = usePublished(flow);

  const checking = useMutation({
    mutationFn: async () => {
      await flush();
      return checkFlow(flow.id);
    },
    onSuccess: ({ findings }) => setChecked({ graph, findings }),
    onError: told.failed,
  });
  const publishIt = useDeed((publishing: Publishing) => publishFlow(flow.id, publishing));
  const turn = useSwitch();
  const { mutate: runCheck, mutateAsync: awaitCheck } = checking;

  const check = useCallback(() => runCheck(), [runCheck]);
  const openPublish = useCallback(() => {
    void awaitCheck().then(() => setPublishing(true), () => undefined);
  }, [awaitCheck]);
  const publish = (publishing: Publishing) =>
    publishIt.mutate(publishing, {
      onSuccess: (after) => {
        setPublishing(false);
        told.done(t(after.approval ? "approval.asked" : publishing.window ? "variant.done" : "publish.done"));
        if (!after.approval) onPublished();
      },
      onError: told.failed,
    });

  // A check speaks of the graph it has seen; after the next edit only what the canvas sees itself is still true.
  const current = checked?.graph === graph ? checked.findings : null;
  const findings = useMemo(() => current ?? sketch, [current, sketch]);
  return {
    findings,
    checked: current !== null,
    checking: checking.isPending,
    check,
    published,
    publishing,
    openPublish,
    closePublish: () => setPublishing(false),
    publish,
    busy: publishIt.isPending,
    act: (action: Action) => turn(flow, action),
  };
}
