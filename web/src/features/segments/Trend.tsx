import { Segmented } from "antd";
import { useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "@/shared/api";
import { axes, Chart } from "@/shared/chart";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { Loaded } from "@/shared/states";
import { palettes, useShade } from "@/shared/theme";
import type { Segment } from "./types";
import styles from "./Segments.module.css";

type Days = Schemas["DayOut"][];

const SPANS = [30, 90, 365] as const;

function useOption(days: Days) {
  const { t } = useTranslation("segments");
  const { shade } = useShade();
  return useMemo(() => {
    const palette = palettes[shade];
    const parts = axes(
      palette,
      days.map((one) => one.day.slice(5)),
      (value) => formatNumber(Math.abs(value)),
    );
    // Two rows on one time axis: how many are inside, and below it who came and went.
    const bar = { type: "bar" as const, stack: "moves", xAxisIndex: 1, yAxisIndex: 1, barMaxWidth: 10 };
    const most = Math.max(1, ...days.map((one) => Math.max(one.entered, one.left)));
    const axis = { ...parts.xAxis, boundaryGap: true };
    return {
      tooltip: parts.tooltip,
      axisPointer: { link: [{ xAxisIndex: "all" as const }] },
      legend: { top: 0, textStyle: { color: palette.inkSoft } },
      grid: [
        { ...parts.grid, top: 36, bottom: 112 },
        { ...parts.grid, top: 232 },
      ],
      xAxis: [
        { ...axis, axisLabel: { show: false } },
        { ...axis, gridIndex: 1, axisLine: { ...axis.axisLine, onZero: false } },
      ],
      yAxis: [
        { ...parts.yAxis, minInterval: 1 },
        { ...parts.yAxis, gridIndex: 1, min: -most, max: most, interval: most },
      ],
      series: [
        { type: "line" as const, name: t("trend.count"), data: days.map((one) => one.count), showSymbol: false },
        { ...bar, name: t("trend.entered"), data: days.map((one) => one.entered) },
        { ...bar, name: t("trend.left"), data: days.map((one) => -one.left) },
      ],
    };
  }, [days, shade, t]);
}

function Curve({ segment, days }: { segment: Segment; days: Days }) {
  const { t } = useTranslation("segments");
  const option = useOption(days);
  const sum = (key: "entered" | "left") => formatNumber(days.reduce((total, one) => total + one[key], 0));
  const refilled = days.filter((one) => one.refilled !== 0);
  return (
    <>
      <p>{t("trend.said", { days: days.length, entered: sum("entered"), left: sum("left"), count: segment.count })}</p>
      <Chart label={t("trend.label", { name: segment.name })} option={option} height={320} />
      {refilled.length > 0 ? <p className="t-faint">{t("trend.refilled", { days: refilled.map((one) => one.day).join("、") })}</p> : null}
    </>
  );
}

/** How full the segment was, day by day, with who came and went. */
export function Trend({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const [days, setDays] = useState<number>(30);
  const path = `/segments/${segment.id}/trend`;
  const query = useQuery({
    queryKey: [path, days, segment.count],
    queryFn: ({ signal }) => api.get<Schemas["TrendOut"]>(path, { days }, signal),
    placeholderData: (before) => before,
  });
  const choice = <Segmented aria-label={t("trend.span")} value={days} onChange={setDays} options={SPANS.map((value) => ({ value, label: t("trend.days", { count: value }) }))} />;
  return (
    <Section title={t("trend.title")} extra={choice}>
      <div className={styles.trend}>
        <Loaded query={query}>{(found) => <Curve segment={segment} days={found.days} />}</Loaded>
      </div>
    </Section>
  );
}
