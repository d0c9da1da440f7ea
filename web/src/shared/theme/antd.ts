import { theme, type ThemeConfig } from "antd";
import { dark, fontFamilies, light, monoFamily, radius, type Palette } from "./tokens";

export type Shade = "light" | "dark";

export const palettes: Record<Shade, Palette> = { light, dark };

/** Ant Design's tokens, set once here; no screen sets colours, radii or shadows of its own. */
export function antdTheme(shade: Shade, language: "zh" | "en"): ThemeConfig {
  const p = palettes[shade];
  return {
    algorithm: shade === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: p.primary,
      colorLink: p.primaryText,
      colorSuccess: p.success,
      colorWarning: p.warning,
      colorError: p.danger,
      colorInfo: p.info,
      // Derived shades of our deep colours come out muddy; the tints are chosen instead.
      colorPrimaryBg: p.tint,
      colorPrimaryBgHover: p.tint,
      controlItemBgActive: p.tint,
      controlItemBgActiveHover: p.tint,
      colorSuccessBg: p.successTint,
      colorSuccessBorder: p.successTint,
      colorWarningBg: p.warningTint,
      colorWarningBorder: p.warningTint,
      colorErrorBg: p.dangerTint,
      colorErrorBorder: p.dangerTint,
      colorInfoBg: p.infoTint,
      colorInfoBorder: p.infoTint,
      colorTextBase: p.ink,
      colorText: p.ink,
      colorTextSecondary: p.inkSoft,
      colorTextTertiary: p.inkFaint,
      colorTextDescription: p.inkFaint,
      colorTextPlaceholder: p.inkFaint,
      colorBgBase: p.surface,
      colorBgLayout: p.paper,
      colorBgContainer: p.surface,
      colorBgElevated: p.raised,
      colorBorder: p.lineStrong,
      colorBorderSecondary: p.line,
      borderRadius: radius,
      borderRadiusLG: radius,
      borderRadiusSM: radius - 2,
      boxShadow: p.shadow,
      boxShadowSecondary: p.shadow,
      // The smallest of the family, for what lies on a surface rather than floats above it.
      boxShadowTertiary: "0 1px 2px rgba(23, 41, 42, 0.08)",
      fontFamily: fontFamilies[language],
      fontFamilyCode: monoFamily,
      fontSize: 14,
      wireframe: false,
      motionDurationMid: "0.16s",
      motionDurationSlow: "0.2s",
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 },
      Table: { headerBg: "transparent", headerColor: p.inkFaint, headerSplitColor: "transparent", rowHoverBg: p.tint, cellPaddingBlock: 12 },
      Card: { paddingLG: 20 },
      Progress: { defaultColor: p.primary },
      Segmented: { itemSelectedColor: p.primaryText },
      Tabs: { horizontalMargin: "0 0 16px", itemSelectedColor: p.primaryText, itemHoverColor: p.primaryText, inkBarColor: p.primaryText },
      Tooltip: { colorBgSpotlight: shade === "dark" ? "#2b3b3c" : "#17292a" },
    },
  };
}

/** The same palette as CSS variables, for our own style sheets. */
export function cssVariables(shade: Shade): Record<string, string> {
  return Object.fromEntries(
    Object.entries(palettes[shade]).map(([name, value]) => [
      `--t-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      value as string,
    ]),
  );
}
