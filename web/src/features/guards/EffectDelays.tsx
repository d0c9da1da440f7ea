import { useQuery } from "@tanstack/react-query";
import { Segmented, Table, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { axes, Chart } from "@/shared/chart";
import { formatClock, formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { EmptyState, Loaded } from "@/shared/states";
import { palettes, useShade } from "@/shared/theme";
import styles from "./guards.module.css";

type Delays = Schemas["DelaysOut"];

const SPANS = [15, 60, 360] as const;
/** A minute is told every few seconds; a chart of an hour need not jump. */
const AGAIN_MS = 10_000;

/** Tenths matter below ten seconds, hundredths below one. */
function seconds(ms: number): string {
  return formatNumber(ms / 1000, ms < 1000 ? 3 : ms < 10_000 ? 2 : 0);
}

function useOption(found: Delays) {
  const { t } = useTranslation("guards");
  const { shade } = useShade();
  const { zone } = useMe().tenant;
  return useMemo(() => {
    const palette = palettes[shade];
    const minutes = found.minutes;
    const parts = axes(
      palette,
      minutes.map((one) => formatClock(one.minute, zone)),
      (ms) => t("workers.seconds", { n: seconds(ms) }),
    );
    const line = { type: "line" as const, showSymbol: minutes.length <= 60, symbolSize: 4 };
    return {
      ...parts,
      grid: { ...parts.grid, top: 36, right: 48 },
      legend: { top: 0, textStyle: { color: palette.inkSoft } },
      // From a thousandth of a second to a minute: only so are all of them seen, and the line with them.
      yAxis: { ...parts.yAxis, type: "log" as const, min: 1, splitNumber: undefined },
      series: [
        { ...line, name: t("workers.delays.p50"), data: minutes.map((one) => Math.max(1, one.p50_ms ?? 1)) },
        {
          ...line,
          name: t("workers.delays.p95"),
          data: minutes.map((one) => Math.max(1, one.p95_ms ?? 1)),
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: palette.danger, type: "dashed" as const },
            label: { formatter: t("workers.seconds", { n: formatNumber(found.limit_ms / 1000) }), color: palette.danger },
            data: [{ yAxis: found.limit_ms }],
          },
        },
        { ...line, name: t("workers.delays.slowest"), data: minutes.map((one) => Math.max(1, one.slowest_ms)), lineStyle: { type: "dotted" as const, width: 1 } },
      ],
    };
  }, [found, shade, zone, t]);
}

function Found({ found }: { found: Delays }) {
  const { t } = useTranslation("guards");
  const option = useOption(found);
  if (found.whole.n === 0) {
    return <EmptyState compact title={t("workers.delays.none")} hint={t("workers.delays.noneHint")} />;
  }
  const said = (ms: number | null) => (ms === null ? "—" : t("workers.seconds", { n: seconds(ms) }));
  return (
    <>
      <p>
        <Tag color={found.broken ? "error" : "success"}>{found.broken ? t("workers.delays.broken") : t("workers.delays.kept")}</Tag>{" "}
        {t("workers.delays.said", { n: formatNumber(found.whole.n), p95: said(found.whole.p95_ms), over: formatNumber(found.whole.over) })}
      </p>
      <Chart label={t("workers.delays.label")} option={option} height={260} />
      <Table
        size="small"
        rowKey="what"
        pagination={false}
        scroll={{ x: true }}
        dataSource={found.kinds}
        columns={[
          { title: t("workers.delays.what"), render: (_value, one) => t(`workers.delays.kinds.${one.what}`) },
          { title: t("workers.delays.n"), align: "right", render: (_value, one) => formatNumber(one.n) },
          { title: t("workers.delays.p50"), align: "right", render: (_value, one) => said(one.p50_ms) },
          { title: t("workers.delays.p95"), align: "right", render: (_value, one) => said(one.p95_ms) },
          { title: t("workers.delays.slowest"), align: "right", render: (_value, one) => said(one.slowest_ms) },
          { title: t("workers.delays.over"), align: "right", render: (_value, one) => formatNumber(one.over) },
        ]}
      />
    </>
  );
}

/** From an event's arrival to what it set off, minute by minute, with the line we hold ourselves to. */
export function EffectDelays() {
  const { t } = useTranslation("guards");
  const [minutes, setMinutes] = useState<number>(60);
  const query = useQuery({
    queryKey: ["/health/delays", minutes],
    queryFn: ({ signal }) => api.get<Delays>("/health/delays", { minutes }, signal),
    refetchInterval: AGAIN_MS,
    placeholderData: (before) => before,
  });
  return (
    <section className={`t-card ${styles.sheet} ${styles.wide}`}>
      <div className={styles.head}>
        <h2>{t("workers.delays.title")}</h2>
        <Segmented aria-label={t("workers.delays.span")} value={minutes} onChange={setMinutes} options={SPANS.map((value) => ({ value, label: value > 60 ? t("workers.delays.spanHours", { n: value / 60 }) : t("workers.delays.spans", { n: value }) }))} />
      </div>
      <p className={styles.lead}>{t("workers.delays.lead")}</p>
      <Loaded query={query}>{(found) => <Found found={found} />}</Loaded>
    </section>
  );
}
