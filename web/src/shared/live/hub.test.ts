import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveHub } from "./hub";

class FakeSource {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {}
  close() {
    this.closed = true;
  }
}

let sources: FakeSource[];
let hub: LiveHub;

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  hub = new LiveHub((url) => {
    const made = new FakeSource(url);
    sources.push(made);
    return made as unknown as EventSource;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function listen(topics: string[]) {
  const heard: string[] = [];
  const stop = hub.listen({ topics, onMessage: (message) => heard.push(message.topic), onState: () => undefined });
  return { heard, stop };
}

test("many listeners share one stream, and each hears only its own topics", () => {
  const clock = listen(["clock"]);
  const flow = listen(["flow:1", "clock"]);
  vi.runAllTimers();
  expect(sources).toHaveLength(1);
  expect(decodeURIComponent(sources[0]?.url ?? "")).toBe("/v1/live?topics=clock,flow:1");
  sources[0]?.onmessage?.({ data: '{"topic":"flow:1","data":null}' });
  sources[0]?.onmessage?.({ data: "not json" });
  expect(clock.heard).toEqual([]);
  expect(flow.heard).toEqual(["flow:1"]);
});

test("the stream is opened anew when the topics change, and closed with the last listener", () => {
  const one = listen(["clock"]);
  vi.runAllTimers();
  const two = listen(["tasks"]);
  vi.runAllTimers();
  expect(sources).toHaveLength(2);
  expect(sources[0]?.closed).toBe(true);
  one.stop();
  two.stop();
  vi.runAllTimers();
  expect(sources[1]?.closed).toBe(true);
});
