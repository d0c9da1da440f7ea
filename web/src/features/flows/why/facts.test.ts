import { expect, test } from "vitest";
import { isMoment, repeats, settingNames, telling } from "./facts";

test("facts are told value by value, without what is ours alone", () => {
  const facts = { arm: 1, allocation: 4, task_id: "0190f9c0-1111-7abc-8def-001122334455", kept: { threshold: 200, remind: false }, reason: "quiet_hours" };
  expect(telling(facts)).toEqual([
    ["threshold", 200],
    ["remind", false],
    ["reason", "quiet_hours"],
  ]);
  expect(telling(null)).toEqual([]);
});

test("what only says again which way was taken is left out", () => {
  const worded = (value: string) => (value === "issued" ? "已发放" : value);
  expect(repeats(["answer", "issued"], "已发放", worded)).toBe(true);
  expect(repeats(["ruling", "hold"], "已暂缓", worded)).toBe(true);
  expect(repeats(["reason", "quiet_hours"], "已暂缓", worded)).toBe(false);
  expect(repeats(["answer", "issued"], null, worded)).toBe(false);
});

test("moments are told from words", () => {
  expect(["2026-11-17T00:00:00+00:00", "2026-11-17T00:00:00.5Z"].every(isMoment)).toBe(true);
  expect(["2026", "quiet_hours", 7].some(isMoment)).toBe(false);
});

test("what a store sets is called as head office calls it, kept or read", () => {
  const block = { id: "own", kind: "flow.store_settings", version: 1, config: { settings: [{ name: "threshold", label: "From" }] }, position: { x: 0, y: 0 } };
  expect([...settingNames({ blocks: [block] })]).toEqual([
    ["threshold", "From"],
    ["run.threshold", "From"],
  ]);
  expect(settingNames({ blocks: [{ ...block, config: { settings: "none" } }] }).size).toBe(0);
});
