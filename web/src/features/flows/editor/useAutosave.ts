import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "@/shared/api";
import type { Graph } from "@/shared/canvas";
import { saveDraft, type Flow } from "../api";

export type SaveState = "saved" | "dirty" | "saving" | "failed" | "conflict";

const PAUSE_MS = 700;

/**
 * Keeps the draft on the server: a moment after the last edit, one request at a time. A draft that somebody else has
 * changed meanwhile is never overwritten; the state becomes "conflict" and saving stops until the person has chosen.
 */
export function useAutosave(flow: Flow, graph: Graph) {
  const [state, setState] = useState<SaveState>("saved");
  const [error, setError] = useState<unknown>(null);
  const etag = useRef(flow.etag);
  const saved = useRef<Graph>(graph);
  const wanted = useRef<Graph>(graph);
  const running = useRef<Promise<void> | null>(null);
  const stopped = useRef(false);

  const flush = useCallback(async (): Promise<boolean> => {
    while (running.current) await running.current;
    if (stopped.current || wanted.current === saved.current) return !stopped.current;
    const sending = wanted.current;
    setState("saving");
    running.current = saveDraft(flow.id, sending, etag.current)
      .then((answer) => {
        etag.current = answer.etag;
        saved.current = sending;
        setError(null);
        setState(wanted.current === sending ? "saved" : "dirty");
      })
      .catch((cause: unknown) => {
        stopped.current = cause instanceof ApiError && cause.status === 409;
        setError(cause);
        setState(stopped.current ? "conflict" : "failed");
      })
      .finally(() => {
        running.current = null;
      });
    await running.current;
    return saved.current === sending;
  }, [flow.id]);

  useEffect(() => {
    wanted.current = graph;
    if (graph === saved.current || stopped.current) return undefined;
    setState("dirty");
    const timer = setTimeout(() => void flush(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [graph, flush]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (wanted.current !== saved.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      if (wanted.current !== saved.current && !stopped.current) void flush();
    };
  }, [flush]);

  /** Takes over what the server has, after a conflict. */
  const adopt = useCallback((fresh: Flow) => {
    etag.current = fresh.etag;
    saved.current = fresh.draft;
    wanted.current = fresh.draft;
    stopped.current = false;
    setError(null);
    setState("saved");
  }, []);

  /** Keeps this version and writes it over the other one, on the person's word. */
  const insist = useCallback(
    (fresh: Flow) => {
      etag.current = fresh.etag;
      saved.current = fresh.draft;
      stopped.current = false;
      return flush();
    },
    [flush],
  );
  /** What both sides began with, after a conflict. */
  const base = useCallback(() => saved.current, []);
  return { state, error, flush, adopt, insist, base };
}
