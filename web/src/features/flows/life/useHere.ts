import { useEffect, useRef, useState } from "react";
import { api, ApiError } from "@/shared/api";
import type { Person } from "./api";

const BEAT_MS = 10_000;

/** Who else has the flow open. Says every few seconds that we have, and that we left when we leave. */
export function useHere(flowId: string, editing: boolean, block: string | null): Person[] {
  const [others, setOthers] = useState<Person[]>([]);
  const now = useRef({ editing, block });
  useEffect(() => {
    now.current = { editing, block };
  }, [editing, block]);
  useEffect(() => {
    let here = true;
    const beat = () => {
      if (document.hidden) return;
      api
        .put<{ items: Person[] }>(`/flows/${flowId}/here`, now.current)
        .then(({ items }) => here && setOthers(items))
        .catch((error: unknown) => {
          // Nobody is told that company could not be asked for: the next beat asks again. Anything but an answer is a fault.
          if (!(error instanceof ApiError)) throw error;
        });
    };
    beat();
    const timer = setInterval(beat, BEAT_MS);
    return () => {
      here = false;
      clearInterval(timer);
      api.delete(`/flows/${flowId}/here`).catch(() => undefined);
    };
  }, [flowId, editing]);
  return others;
}
