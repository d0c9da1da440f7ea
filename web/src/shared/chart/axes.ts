import type { Palette } from "@/shared/theme";

/** Axes that start at zero, faint guide lines, a tooltip that reads: the parts every chart of ours has in common. */
export function axes(palette: Palette, categories: readonly string[], format: (value: number) => string) {
  return {
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis" as const,
      confine: true,
      backgroundColor: palette.raised,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 13 },
      valueFormatter: (value: unknown) => (typeof value === "number" ? format(value) : "—"),
    },
    xAxis: {
      type: "category" as const,
      data: [...categories],
      boundaryGap: false,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.lineStrong } },
      axisLabel: { color: palette.inkFaint, hideOverlap: true },
    },
    yAxis: {
      type: "value" as const,
      min: 0,
      splitNumber: 4,
      axisLabel: { color: palette.inkFaint, formatter: (value: number) => format(value) },
      splitLine: { lineStyle: { color: palette.line } },
    },
  };
}

/** Counts of whole things by day, as bars with a legend above them. `days` are dates as `2026-11-22`. */
export function dailyCounts(palette: Palette, days: readonly string[], format: (value: number) => string) {
  const base = axes(palette, days.map((day) => day.slice(5)), format);
  return {
    ...base,
    xAxis: { ...base.xAxis, boundaryGap: true },
    yAxis: { ...base.yAxis, minInterval: 1 },
    legend: { top: 0, textStyle: { color: palette.inkSoft } },
    grid: { ...base.grid, top: 32 },
  };
}
