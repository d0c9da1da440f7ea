export { ThemeProvider } from "./ThemeProvider";
export { useShade, type ShadeChoice } from "./shade";
export { palettes, type Shade } from "./antd";
export { series, radius, grid, fontFamilies, monoFamily, type Palette } from "./tokens";
