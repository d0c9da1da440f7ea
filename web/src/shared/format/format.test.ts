import i18next from "i18next";
import { expect, test } from "vitest";
import { addWords } from "../i18n";
import { formatMoney, formatShort } from "./number";
import { channelName } from "./source";
import { dayEnd, dayStart, formatDate, formatRelative, formatTime } from "./time";

test.each([
  ["1234.5", "¥1,234.50"],
  ["-1234567.891", "-¥1,234,567.891"],
  ["0", "¥0.00"],
  ["99999999999999999.99", "¥99,999,999,999,999,999.99"],
  ["not a number", "not a number"],
])("money %s reads %s, without ever being a float", (amount, text) => {
  expect(formatMoney(amount, "CNY")).toBe(text);
});

test("short numbers keep the language's own units", () => {
  expect(formatShort(12_345, "zh")).toBe("1.2\u4e07");
  expect(formatShort(12_345, "en")).toBe("12.3K");
  expect(formatShort(9_999, "zh")).toBe("9,999");
});

test("times are told in the tenant's zone; plain dates stay as they are", () => {
  expect(formatTime("2017-10-01T16:30:00Z", "Asia/Shanghai")).toBe("2017-10-02 00:30");
  expect(formatDate("1988-03-14", "America/New_York")).toBe("1988-03-14");
  expect(formatRelative("2017-09-29T00:00:00Z", "2017-10-02T00:00:00Z", "en")).toBe("3 days ago");
});

test("a local day is the right stretch of UTC, also when the clocks change", () => {
  expect(dayStart("2017-10-02", "Asia/Shanghai")).toBe("2017-10-01T16:00:00.000Z");
  expect(dayEnd("2017-10-02", "Asia/Shanghai")).toBe("2017-10-02T16:00:00.000Z");
  expect(dayStart("2017-03-26", "Europe/Berlin")).toBe("2017-03-25T23:00:00.000Z");
  expect(dayEnd("2017-03-26", "Europe/Berlin")).toBe("2017-03-26T22:00:00.000Z");
});

test("a number inside a sentence is grouped; what is text stays as it is", () => {
  addWords("sample", { zh: { rows: "{{count}} 行，{{file}}" }, en: {} });
  const fixed = i18next.getFixedT("zh", "sample");
  expect(fixed("rows", { count: 100_000, file: "2026.csv" })).toBe("100,000 行，2026.csv");
  expect(fixed("rows", { count: 1.25, file: "1000" })).toBe("1.25 行，1000");
});

test("a connector's channel is told in words; what a till calls its own stays as it is", () => {
  addWords("shops", { zh: { source: { douyin: "抖店" }, word: { live: "{{name}}（直播）" } }, en: {} });
  const t = i18next.getFixedT("zh", "shops");
  expect(["douyin", "douyin.live", "门店", "v1.2", null].map((one) => channelName(one, t))).toEqual(["抖店", "抖店（直播）", "门店", "v1.2", "—"]);
});
