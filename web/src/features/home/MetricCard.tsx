import { ArrowDownOutlined, ArrowRightOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { useMemo } from "react";
import { Link, useNavigate } from "react-router";
import { axes, Chart } from "@/shared/chart";
import { formatMoney, formatNumber, formatPercent, formatShort } from "@/shared/format";
import { useLanguage, useSay, useTranslation, type Language } from "@/shared/i18n";
import { Question } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { palettes, series, useShade, type Shade } from "@/shared/theme";
import { change, dayBehind, pageBehind, type BoardMetric, type HomeBoard } from "./board";
import styles from "./Home.module.css";

function full(metric: BoardMetric, value: string, currency: string): string {
  return metric.unit === "money" ? formatMoney(value, currency) : formatNumber(value);
}

function chartOption(metric: BoardMetric, board: HomeBoard, shade: Shade, language: Language, names: { current: string; previous: string }) {
  const palette = palettes[shade];
  const format = (value: number) => (metric.unit === "money" ? `¥${formatShort(value, language)}` : formatShort(value, language));
  const base = axes(palette, board.days.map((day) => day.slice(5)), format);
  const [main] = series[shade];
  return {
    ...base,
    // Nobody sells half an order: whole steps for counts.
    yAxis: metric.unit === "count" ? { ...base.yAxis, minInterval: 1 } : base.yAxis,
    series: [
      {
        name: names.previous,
        type: "line",
        data: metric.points_before.map(Number),
        showSymbol: false,
        lineStyle: { type: "dashed", width: 1.5, color: palette.inkFaint },
        itemStyle: { color: palette.inkFaint },
        emphasis: { disabled: true },
      },
      {
        name: names.current,
        type: "line",
        data: metric.points.map(Number),
        symbolSize: 6,
        showSymbol: board.days.length <= 31,
        lineStyle: { width: 2.5, color: main },
        itemStyle: { color: main },
        areaStyle: { color: main, opacity: 0.08 },
        cursor: "pointer",
      },
    ],
  };
}

function Change({ metric }: { metric: BoardMetric }) {
  const { t } = useTranslation("home");
  const share = change(metric.total, metric.before);
  // Nothing to compare with: the figure before, which stands beside, says it.
  if (share === null) return null;
  if (Math.abs(share) < 0.0005) return <span className="t-faint">{t("same")}</span>;
  const word = share > 0 ? "up" : "down";
  return (
    <span className={styles[word]}>
      {share > 0 ? <ArrowUpOutlined /> : <ArrowDownOutlined />} {t(word, { share: formatPercent(Math.abs(share)) })}
    </span>
  );
}

export function MetricCard({ metric, board, wide, tall }: { metric: BoardMetric; board: HomeBoard; wide: boolean; tall: boolean }) {
  const { t } = useTranslation("home");
  const say = useSay();
  const language = useLanguage();
  const { shade } = useShade();
  const can = useCan();
  const navigate = useNavigate();
  const option = useMemo(() => chartOption(metric, board, shade, language, { current: t("current"), previous: t("previous") }), [metric, board, shade, language, t]);
  const total = full(metric, metric.total, board.currency);
  const before = full(metric, metric.before, board.currency);
  const behind = pageBehind(metric.key);
  const mayOpen = behind !== null && can(behind.permission);
  const pick = (index: number) => {
    const to = dayBehind(metric.key, board.days[index] ?? "");
    if (to && mayOpen) void navigate(to);
  };
  return (
    <Question
      question={say(metric.question)}
      span={wide ? 2 : 1}
      extra={
        mayOpen ? (
          <Link to={behind.to} className={styles.open} aria-label={`${t("open")}: ${say(metric.label)}`}>
            <ArrowRightOutlined />
          </Link>
        ) : null
      }
      answer={
        <div className={styles.answer}>
          <span className={`${styles.total} t-num`}>{total}</span>
          <Change metric={metric} />
          <span className="t-faint t-num">{t("before", { value: before })}</span>
        </div>
      }
    >
      <Chart label={t("chartLabel", { question: say(metric.question), total, before })} option={option} height={tall ? 220 : 150} onPick={pick} />
    </Question>
  );
}
