import { useEffect, useRef, useState } from "react";
import { apiUrl } from "@/shared/api";

export interface LiveMessage<T = unknown> {
  topic: string;
  data: T;
}

export type LiveState = "connecting" | "live" | "interrupted";

function parse(text: string): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "topic" in value) return value as LiveMessage;
  } catch {
    // A malformed frame is dropped: the next one carries the whole state again.
  }
  return null;
}

/**
 * Listens to `GET /v1/live?topics=...` as long as the component is shown. The browser reconnects by itself;
 * the returned state lets a screen say so. `onMessage` may change on every render.
 */
export function useLive(topics: readonly string[], onMessage: (message: LiveMessage) => void): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const handler = useRef(onMessage);
  useEffect(() => {
    handler.current = onMessage;
  });
  const key = topics.join(",");
  useEffect(() => {
    if (!key) return undefined;
    const source = new EventSource(apiUrl("/live", { topics: key }));
    const receive = (event: MessageEvent<string>) => {
      const message = parse(event.data);
      if (message) handler.current(message);
    };
    source.onopen = () => setState("live");
    source.onerror = () => setState("interrupted");
    source.onmessage = receive;
    return () => source.close();
  }, [key]);
  return state;
}
