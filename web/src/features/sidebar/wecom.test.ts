import { afterEach, expect, it, vi } from "vitest";
import { insideWecom, say } from "./wecom";

afterEach(() => vi.unstubAllGlobals());

it("knows WeCom by its name", () => {
  expect(insideWecom("Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.0")).toBe(true);
  expect(insideWecom("Mozilla/5.0 (iPhone) MicroMessenger/8.0")).toBe(false);
});

it("copies words where there is no chat to put them into", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 Chrome", clipboard: { writeText } });
  expect(await say("您好")).toBe("copied");
  expect(writeText).toHaveBeenCalledWith("您好");
});
