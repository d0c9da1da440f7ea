import { useEffect, useRef, useState } from "react";
import { LiveHub, type LiveMessage, type LiveState } from "./hub";

const hub = new LiveHub();

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
    return hub.listen({ topics: key.split(","), onMessage: (message) => handler.current(message), onState: setState });
  }, [key]);
  return state;
}

export type { LiveMessage, LiveState };
