import { expect, test } from "vitest";
import { dark, fontFamilies, light, type Palette } from "./tokens";

function channel(value: number): number {
  const share = value / 255;
  return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16)));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2 contrast ratio. */
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const texts = ["ink", "inkSoft", "inkFaint", "primaryText", "accent", "success", "warning", "danger", "info"] as const;
const grounds = ["paper", "surface", "raised"] as const;

const cases = (
  [
    ["light", light],
    ["dark", dark],
  ] as [string, Palette][]
).flatMap(([shade, palette]) => texts.flatMap((text) => grounds.map((ground) => [shade, text, ground, palette[text], palette[ground]] as const)));

test.each(cases)("%s: %s reads on %s", (_shade, _text, _ground, text, ground) => {
  expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
});

test.each([
  ["light", light],
  ["dark", dark],
] as [string, Palette][])("%s: white reads on the primary colour, marked text on the tint", (_shade, palette) => {
  expect(contrast("#ffffff", palette.primary)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.primaryText, palette.tint)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.inkFaint, palette.tint)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.success, palette.successTint)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.warning, palette.warningTint)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.danger, palette.dangerTint)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.info, palette.infoTint)).toBeGreaterThanOrEqual(4.5);
});

test("signs that both scripts have are a Chinese font's in Chinese and a Latin font's in English", () => {
  const first = (stack: string) => (stack.indexOf("PingFang") < stack.indexOf("Arial") ? "Chinese" : "Latin");
  expect(first(fontFamilies.zh)).toBe("Chinese");
  expect(first(fontFamilies.en)).toBe("Latin");
});
