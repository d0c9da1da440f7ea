/** The palette. Every text colour reaches 4.5:1 on the surface it is meant for; `tokens.test.ts` measures it. */
export interface Palette {
  ink: string;
  inkSoft: string;
  inkFaint: string;
  paper: string;
  surface: string;
  raised: string;
  line: string;
  lineStrong: string;
  primary: string;
  primaryText: string;
  tint: string;
  accent: string;
  success: string;
  warning: string;
  danger: string;
  info: string;
  successTint: string;
  warningTint: string;
  dangerTint: string;
  infoTint: string;
  shadow: string;
}

export const light: Palette = {
  ink: "#17292a",
  inkSoft: "#455858",
  inkFaint: "#5a6a6a",
  paper: "#f5f4ef",
  surface: "#ffffff",
  raised: "#ffffff",
  line: "#e5e3db",
  lineStrong: "#cfccc1",
  primary: "#0b6e69",
  primaryText: "#0b6560",
  tint: "#e1f0ed",
  accent: "#b8481a",
  success: "#23744a",
  warning: "#8f5600",
  danger: "#b42f27",
  info: "#2a61a3",
  successTint: "#e2f2e8",
  warningTint: "#faf0dc",
  dangerTint: "#fae7e4",
  infoTint: "#e5eef9",
  shadow: "0 1px 2px rgba(23, 41, 42, 0.05), 0 6px 20px rgba(23, 41, 42, 0.07)",
};

export const dark: Palette = {
  ink: "#e6edeb",
  inkSoft: "#b1bfbd",
  inkFaint: "#94a3a1",
  paper: "#0e1617",
  surface: "#152021",
  raised: "#1b2829",
  line: "#283738",
  lineStrong: "#3a4c4d",
  primary: "#177e77",
  primaryText: "#6bcfc4",
  tint: "#143330",
  accent: "#f09a66",
  success: "#6cc592",
  warning: "#e5b25b",
  danger: "#f08a80",
  info: "#86b6ea",
  successTint: "#14301f",
  warningTint: "#34280e",
  dangerTint: "#3a1d19",
  infoTint: "#14283e",
  shadow: "0 1px 2px rgba(0, 0, 0, 0.3), 0 8px 24px rgba(0, 0, 0, 0.35)",
};

/** Told apart by hue and by lightness, so that they survive a grey print and the common colour blindnesses. */
export const series = {
  light: ["#0b6e69", "#d9713a", "#3f5fa8", "#b88a12", "#84508f", "#6d9457", "#8b8f8a"],
  dark: ["#4fb8ad", "#f09a66", "#8aa5e6", "#dcb54c", "#c391cf", "#9cc484", "#9ba3a0"],
} as const;

export const radius = 8;
export const grid = 4;

const CHINESE =
  '"PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC"';
const LATIN = '"Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans"';

/**
 * Which fonts stand first decides how wide the signs are that both scripts have: curly quotes, dashes, the ellipsis take a whole square
 * in a Chinese font, as they must in Chinese and must not in English.
 */
export const fontFamilies: Record<"zh" | "en", string> = {
  zh: `-apple-system, BlinkMacSystemFont, ${CHINESE}, ${LATIN}, sans-serif`,
  en: `-apple-system, BlinkMacSystemFont, ${LATIN}, ${CHINESE}, sans-serif`,
};

export const monoFamily =
  '"SF Mono", "JetBrains Mono", "Cascadia Code", Consolas, "Liberation Mono", "Noto Sans Mono CJK SC", monospace';
