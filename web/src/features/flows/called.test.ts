import { expect, test } from "vitest";
import type { Graph, Kind, Kinds } from "@/shared/canvas";
import { called } from "./called";

const send = {
  kind: "messaging.send",
  label: { zh: "发送消息", en: "Send a message" },
  ports: [{ name: "sent", label: { zh: "已发出", en: "Sent" } }],
  port_source: null,
  config_schema: { properties: { template: { type: "string", "x-ui": { widget: "message_template" } } } },
} as unknown as Kind;
const kinds: Kinds = new Map([["messaging.send", send]]);
const block = (id: string, template: string, label = "") => ({ id, kind: "messaging.send", version: 1, config: { template }, position: { x: 0, y: 0 }, label });
const graph = { blocks: [block("a", "t1"), block("b", "t2"), block("c", "t1", "提醒")], arrows: [], settings: {} } as unknown as Graph;
const names = new Map([["t1", "回归券"], ["t2", "积分到账"]]);

test("blocks of one name are told apart by what they do; the others keep to their name", () => {
  const { block: nameOf, way } = called(graph, kinds, names, "zh");
  expect([nameOf("a"), nameOf("b"), nameOf("c")]).toEqual(["发送消息 · 回归券", "发送消息 · 积分到账", "提醒"]);
  expect(nameOf("gone", { zh: "旧的", en: "Old" })).toBe("旧的");
  expect(way("a", "sent")).toBe("已发出");
});
