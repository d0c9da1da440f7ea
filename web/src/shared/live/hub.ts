import { apiUrl } from "@/shared/api";

export interface LiveMessage<T = unknown> {
  topic: string;
  /** Null where the line only says that something changed: read it through the ordinary route. */
  data: T;
}

export type LiveState = "connecting" | "live" | "interrupted";

interface Listener {
  topics: readonly string[];
  onMessage: (message: LiveMessage) => void;
  onState: (state: LiveState) => void;
}

/** Screens come and go within one click; waiting a moment opens one stream for all of them instead of several. */
const SETTLE_MS = 80;

function parse(text: string): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "topic" in value) return value as LiveMessage;
  } catch {
    // A line that is not ours to read is dropped: the next change is announced again.
  }
  return null;
}

/** One event stream for the whole window, whatever the number of listeners: browsers allow six connections in all. */
export class LiveHub {
  private readonly listeners = new Set<Listener>();
  private source: EventSource | null = null;
  private open = "";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private state: LiveState = "connecting";

  constructor(private readonly connect: (url: string) => EventSource = (url) => new EventSource(url)) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    listener.onState(this.state);
    this.settle();
    return () => {
      this.listeners.delete(listener);
      this.settle();
    };
  }

  private settle(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reconnect(), SETTLE_MS);
  }

  private tell(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener.onState(state);
  }

  private reconnect(): void {
    const topics = [...new Set([...this.listeners].flatMap((one) => one.topics))].sort().join(",");
    if (topics === this.open) return;
    this.source?.close();
    this.open = topics;
    this.source = null;
    if (!topics) return;
    const source = this.connect(apiUrl("/live", { topics }));
    source.onopen = () => this.tell("live");
    source.onerror = () => this.tell("interrupted");
    source.onmessage = (event: MessageEvent<string>) => this.hear(event.data);
    this.source = source;
  }

  private hear(text: string): void {
    const message = parse(text);
    if (!message) return;
    for (const listener of this.listeners) if (listener.topics.includes(message.topic)) listener.onMessage(message);
  }
}
