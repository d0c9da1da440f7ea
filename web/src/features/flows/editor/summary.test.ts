import { describe, expect, it } from "vitest";
import type { Kind } from "@/shared/canvas";
import { relationKey, summaryOf } from "./summary";

describe("a block's one line", () => {
  const each = { kind: "flow.for_each", config_schema: { properties: { relation: { type: "string", "x-ui": { widget: "relation" } } } } } as unknown as Kind;
  it("calls a related set by its words, and not by its code where it has none", () => {
    expect(summaryOf(each, { relation: "visits" }, new Map([[relationKey("visits"), "到店"]]), "zh")).toBe("到店");
    expect(summaryOf(each, { relation: "visits" }, new Map(), "zh")).toBe("");
  });
  it("leaves out what is fixed", () => {
    const text = { template: { type: "string", "x-ui": { widget: "message_template" } }, channel: { type: "string", "x-ui": { widget: "hidden" } } };
    const sms = { kind: "messaging.sms", config_schema: { properties: text } } as unknown as Kind;
    expect(summaryOf(sms, { template: "t", channel: "sms" }, new Map([["t", "到货提醒"]]), "zh")).toBe("到货提醒");
  });
  it("leaves a gap where a text is filled in", () => {
    const task = { kind: "human.task", config_schema: { properties: { title: { type: "string" } } } } as unknown as Kind;
    expect(summaryOf(task, { title: "联系 {{customer.city}} 的客户" }, new Map(), "zh")).toBe("联系 … 的客户");
  });
  it("says what a share is of, also where it comes as text", () => {
    const holdout = { kind: "decide.holdout", config_schema: { properties: { percent: { anyOf: [{ type: "number" }, { type: "string" }], title: "不参与的比例 % | Share kept out %" } } } } as unknown as Kind;
    expect(summaryOf(holdout, { percent: "20" }, new Map(), "zh")).toBe("不参与的比例 20%");
    expect(summaryOf(holdout, { percent: "12.5" }, new Map(), "en")).toBe("Share kept out 12.5%");
  });
});
