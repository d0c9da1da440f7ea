import { useEffect, useRef, useState } from "react";
import { useLanguage } from "@/shared/i18n";
import { LoadingState } from "@/shared/states";
import { fontFamilies, palettes, series, useShade } from "@/shared/theme";
import type { EChartsCoreOption, EChartsType } from "./engine";

interface ChartProps {
  /** What the chart shows, in words, for those who do not see it. */
  label: string;
  option: EChartsCoreOption;
  height?: number;
  /** A click on a point: index on the category axis and the series' name. */
  onPick?: (index: number, seriesName: string) => void;
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

function useDressed(option: EChartsCoreOption): EChartsCoreOption {
  const { shade } = useShade();
  const palette = palettes[shade];
  const language = useLanguage();
  return {
    color: [...series[shade]],
    textStyle: { fontFamily: fontFamilies[language], color: palette.inkSoft },
    animation: !still.matches,
    animationDuration: 300,
    aria: { enabled: false },
    ...option,
  };
}

/** ECharts, fetched when the first chart is shown. */
export function Chart({ label, option, height = 220, onPick }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType | null>(null);
  const [ready, setReady] = useState(false);
  const dressed = useDressed(option);

  useEffect(() => {
    let made: EChartsType | null = null;
    let watcher: ResizeObserver | null = null;
    let gone = false;
    void import("./engine").then(({ init }) => {
      if (gone || !box.current) return;
      made = init(box.current);
      watcher = new ResizeObserver(() => made?.resize());
      watcher.observe(box.current);
      setChart(made);
      setReady(true);
    });
    return () => {
      gone = true;
      watcher?.disconnect();
      made?.dispose();
      setChart(null);
    };
  }, []);

  useEffect(() => {
    chart?.setOption(dressed, { notMerge: true });
  }, [chart, dressed]);

  useEffect(() => {
    if (!chart || !onPick) return undefined;
    const pick = (event: { dataIndex?: number; seriesName?: string }) => onPick(event.dataIndex ?? 0, event.seriesName ?? "");
    chart.on("click", pick);
    return () => void chart.off("click", pick);
  }, [chart, onPick]);

  return (
    <div role="img" aria-label={label} style={{ position: "relative", height }}>
      {ready ? null : <LoadingState rows={3} />}
      <div ref={box} style={{ position: "absolute", inset: 0 }} />
    </div>
  );
}
