import { expect, test } from "vitest";
import type { Graph } from "@/shared/canvas";
import { KINDS, sketch } from "@/shared/canvas/drawings";
import type { Finding } from "../api";
import { exitFor, impossible, mendsFor, portOf } from "./mends";

const kinds = new Map([...KINDS, ["flow.exit", { ...(KINDS.get("exit") ?? ({} as never)), kind: "flow.exit" }]]);
const finding = (code: string, block: string | null, where?: string): Finding => ({ code, block, severity: "error", message: { zh: "", en: "" }, mend: { zh: "", en: "" }, ...(where ? { where } : {}) });
const graph = sketch("s:segment p:points x:flow.exit", "s.entered>p p.done>x");

test("each finding offers what mends it, and none offers what would not", () => {
  expect(mendsFor(finding("port_open", "p", "ports.done"), graph, kinds)).toEqual(["next", "exit"]);
  expect(mendsFor(finding("start_missing", null), graph, kinds)).toEqual(["start"]);
  expect(mendsFor(finding("unreachable", "p"), graph, kinds)).toEqual(["remove"]);
  expect(mendsFor(finding("unreachable", "gone"), graph, kinds)).toEqual([]);
  expect(mendsFor(finding("event_unknown", null, "settings.goal.event_type"), graph, kinds)).toEqual(["settings"]);
  expect(mendsFor(finding("config_wrong", "p", "points"), graph, kinds)).toEqual([]);
  expect(portOf(finding("port_open", "p", "ports.done"))).toBe("done");
});

test("open ways are led to the exit there is, else to a new one below everything", () => {
  expect(exitFor(graph, kinds)).toEqual({ block: "x" });
  expect(exitFor(sketch("s:segment p:points", ""), kinds)).toMatchObject({ kind: { kind: "flow.exit" }, at: { x: 0, y: 328 } });
  expect(exitFor(graph, KINDS)).toEqual({ block: "x" });
});

test("impossible arrows are told from good ones", () => {
  const bad: Graph = { ...graph, arrows: [...graph.arrows, { from: "p", port: "gone", to: "x" }, { from: "p", port: "done", to: "s" }, { from: "q", port: "done", to: "x" }] };
  expect(impossible(bad, kinds)).toEqual(bad.arrows.slice(2));
});
