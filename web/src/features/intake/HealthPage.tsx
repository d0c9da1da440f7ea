import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented, Tag } from "antd";
import { useCallback, useMemo } from "react";
import { Link, useNavigate } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { axes, Chart } from "@/shared/chart";
import { formatClock, formatDate, formatNumber, Num, Time, useSourceName } from "@/shared/format";
import { useUrlFilters } from "@/shared/filters";
import { useSay, useTranslation } from "@/shared/i18n";
import { ListPage, Section } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { EmptyState, Loaded } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { palettes, useShade } from "@/shared/theme";
import { SourceQuality } from "./Quality";
import type { Point, SourceHealth } from "./types";
import styles from "./Intake.module.css";

/** In the company's zone, as every other time on the page. */
function clock(at: string, every: string, zone: string): string {
  return every === "minute" ? formatClock(at, zone) : `${formatDate(at, zone).slice(5)} ${formatClock(at, zone)}`;
}

/** A lag in the unit a person would say it in. */
function useSpan() {
  const { t } = useTranslation("intake");
  return useCallback(
    (seconds: number) => {
      if (seconds < 90) return t("health.seconds", { seconds: formatNumber(seconds) });
      const minutes = Math.round(seconds / 60);
      return minutes < 90 ? t("health.minutes", { minutes }) : t("health.hours", { hours: formatNumber(Math.round(minutes / 60)) });
    },
    [t],
  );
}

function useOptions(points: readonly Point[], every: string) {
  const { t } = useTranslation("intake");
  const { shade } = useShade();
  const { zone } = useMe().tenant;
  const span = useSpan();
  return useMemo(() => {
    const palette = palettes[shade];
    const base = axes(palette, points.map((one) => clock(one.at, every, zone)), formatNumber);
    const bar = { type: "bar" as const, stack: "all", barMaxWidth: 12 };
    return {
      rate: {
        ...base,
        grid: { ...base.grid, top: 36 },
        legend: { top: 0, textStyle: { color: palette.inkSoft } },
        xAxis: { ...base.xAxis, boundaryGap: true },
        yAxis: { ...base.yAxis, minInterval: 1 },
        series: [
          { ...bar, name: t("health.okSeries"), data: points.map((one) => one.received) },
          { ...bar, name: t("health.quarantined"), data: points.map((one) => one.quarantined), itemStyle: { color: palette.warning } },
          { ...bar, name: t("health.turned"), data: points.map((one) => one.turned_away), itemStyle: { color: palette.danger } },
        ],
      },
      lag: {
        ...base,
        tooltip: { ...base.tooltip, valueFormatter: (value: unknown) => (typeof value === "number" ? span(value) : "—") },
        yAxis: { ...base.yAxis, minInterval: 1, axisLabel: { ...base.yAxis.axisLabel, formatter: span } },
        series: [{ type: "line" as const, name: t("health.lagSeries"), data: points.map((one) => one.lag_seconds), connectNulls: true, showSymbol: points.length <= 60, symbolSize: 4 }],
      },
    };
  }, [points, every, shade, zone, span, t]);
}

/** How much came and how late, of one source or of all. */
function Curves({ source, every }: { source: string | null; every: "minute" | "hour" }) {
  const { t } = useTranslation("intake");
  const query = useQuery({
    queryKey: ["/intake-health/series", source, every],
    queryFn: ({ signal }) => api.get<Schemas["SeriesOut"]>("/intake-health/series", { source: source ?? undefined, every, points: every === "minute" ? 60 : 168 }, signal),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });
  const options = useOptions(query.data?.points ?? [], every);
  return (
    <Loaded query={query}>
      {() => (
        <div className={styles.charts}>
          <Section title={t("health.rate")}>
            <Chart label={t("health.rateLabel")} option={options.rate} height={240} />
          </Section>
          <Section title={t("health.late")}>
            {(query.data?.points ?? []).some((one) => one.lag_seconds !== null) ? <Chart label={t("health.lateLabel")} option={options.lag} height={240} /> : <p className={`t-faint ${styles.noLag}`}>{t("health.noLag")}</p>}
          </Section>
        </div>
      )}
    </Loaded>
  );
}

function Alerts({ sources }: { sources: readonly SourceHealth[] }) {
  const { t } = useTranslation("intake");
  const say = useSay();
  const name = useSourceName();
  const loud = sources.filter((one) => one.alerts.length > 0);
  if (loud.length === 0) return sources.length > 0 ? <Alert type="success" showIcon title={t("health.calm")} /> : null;
  return (
    <>
      {loud.map((one) => (
        <Alert key={one.source} type="warning" showIcon title={one.name ?? name(one.source)} description={one.alerts.map((alert) => say(alert.what)).join(" · ")} action={one.quarantined > 0 ? <Link to={`/quarantine?source=${encodeURIComponent(one.source)}`}>{t("quarantine.title")}</Link> : null} />
      ))}
    </>
  );
}

function useColumns(): Column<SourceHealth>[] {
  const { t } = useTranslation("intake");
  const span = useSpan();
  const source = useSourceName();
  return useMemo(
    () => [
      { key: "source", title: t("health.source"), render: (row) => row.name ?? source(row.source) },
      { key: "connector", title: t("sources.connector"), width: 130, render: (row) => (row.connector ? t(`sources.${row.connector}`, { defaultValue: source(row.connector) }) : t("health.api")) },
      { key: "received", title: t("health.received"), width: 90, align: "right", render: (row) => <Num value={row.received} /> },
      { key: "failed", title: t("health.failed"), width: 90, align: "right", render: (row) => (row.failure_percent === null ? t("health.few") : `${row.failure_percent}%`) },
      { key: "lag", title: t("health.lag"), width: 100, align: "right", render: (row) => (row.lag_seconds === null ? "—" : span(row.lag_seconds)) },
      { key: "throttled", title: t("health.throttled"), width: 90, align: "right", render: (row) => <Num value={row.throttled} /> },
      { key: "last", title: t("health.last"), width: 150, render: (row) => <Time value={row.last_at} clock="machine" /> },
      {
        key: "state",
        title: t("health.state"),
        width: 110,
        render: (row) => (row.status === "paused" ? <Tag>{t("health.paused")}</Tag> : row.alerts.length > 0 ? <Tag color="warning">{t("health.alerts")}</Tag> : <Tag color="success">{t("health.ok")}</Tag>),
      },
    ],
    [t, source, span],
  );
}

function Backlog() {
  const { t } = useTranslation("intake");
  const query = useQuery({
    queryKey: ["/intake-health/backlog"],
    queryFn: ({ signal }) => api.get<Schemas["BacklogOut"]>("/intake-health/backlog", {}, signal),
    refetchInterval: 15_000,
  });
  if (!query.data) return null;
  const { pending, inbox, oldest_seconds: seconds } = query.data;
  return (
    <span className="t-faint">
      {t("health.backlog", { pending: formatNumber(pending), inbox: formatNumber(inbox) })}
      {pending > 0 ? ` · ${t("health.backlogOld", { seconds })}` : ""}
    </span>
  );
}

/** Is everything that should come coming, in time and understood? */
export function HealthPage() {
  const { t } = useTranslation("intake");
  const navigate = useNavigate();
  const filters = useUrlFilters(["source", "every"]);
  const source = filters.values.source ?? null;
  const every = filters.values.every === "hour" ? "hour" : "minute";
  const rows = usePages<SourceHealth>("/intake-health/sources");
  const columns = useColumns();
  const name = useSourceName();
  return (
    <ListPage title={t("health.title")} lead={t("health.lead")} actions={
        <>
          <SourceQuality />
          <Button onClick={() => void navigate("/sources")}>{t("health.setUp")}</Button>
        </>
      }>
      <div className={styles.alerts}>
        <Alerts sources={rows.items} />
      </div>
      <div className={styles.bar}>
        <span>
          <b>{source ? (rows.items.find((one) => one.source === source)?.name ?? name(source)) : t("health.everySource")}</b>{" "}
          {source ? (
            <Button type="link" size="small" onClick={() => filters.set({ source: null })}>
              {t("health.everySource")}
            </Button>
          ) : null}{" "}
          <Backlog />
        </span>
        <Segmented value={every} onChange={(value) => filters.set({ every: value === "hour" ? "hour" : null })} options={[{ value: "minute", label: t("health.minute") }, { value: "hour", label: t("health.hour") }]} />
      </div>
      <Curves source={source} every={every} />
      <DataTable label={t("health.title")} rows={rows} columns={columns} rowKey={(row) => row.source} onOpen={(row) => filters.set({ source: row.source })} empty={<EmptyState title={t("health.emptyTitle")} hint={t("health.emptyHint")} />} />
    </ListPage>
  );
}
