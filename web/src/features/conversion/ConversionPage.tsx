import { useQuery } from "@tanstack/react-query";
import { Button, DatePicker, Segmented } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { api } from "@/shared/api";
import { axes, Chart } from "@/shared/chart";
import { FilterBar, useUrlFilters, type FilterField } from "@/shared/filters";
import { formatPercent, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { BoardPage, Question } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded } from "@/shared/states";
import { palettes, useShade } from "@/shared/theme";
import { charted, FILTERS, shareOf, STEPS, type By, type Comparison, type Funnel, type Step } from "./funnel";
import { FunnelTable } from "./FunnelTable";
import { PeopleDrawer } from "./PeopleDrawer";
import { SpendDrawer } from "./SpendDrawer";
import { TrafficBoard, useTraffic } from "./TrafficBoard";
import styles from "./Conversion.module.css";

const WITHIN = ["7", "30", "90", "180"];

function useFields(): FilterField[] {
  const { t } = useTranslation("conversion");
  return useMemo(
    () => [
      { key: "credit", label: t("credit"), kind: "choice", choices: [{ value: "any", label: t("credit.any") }] },
      { key: "within_days", label: t("within"), kind: "choice", choices: WITHIN.map((days) => ({ value: days, label: t("within.days", { days }) })) },
      { key: "friends", label: t("friends"), kind: "choice", choices: ["friend", "stranger"].map((value) => ({ value, label: t(`friends.${value}`) })) },
      { key: "tag", label: t("tag"), kind: "text" },
    ],
    [t],
  );
}

function useName(by: By): (key: string) => string {
  const { t } = useTranslation("conversion");
  const source = useSourceName();
  return (key) => (key === "" ? t("unknown") : by === "source" ? source(key) : key);
}

/** Shares beside one another: how far each source's customers went. */
function Shares({ sources, name }: { sources: readonly Funnel[]; name: (key: string) => string }) {
  const { t } = useTranslation("conversion");
  const { shade } = useShade();
  const shown = charted(sources);
  const base = axes(palettes[shade], shown.map((one) => name(one.key)), (value) => formatPercent(value, 0));
  const option = {
    ...base,
    legend: { top: 0, textStyle: { color: palettes[shade].inkSoft } },
    grid: { ...base.grid, top: 36 },
    yAxis: { ...base.yAxis, max: 1, interval: 0.25 },
    series: STEPS.filter((step) => step !== "came").map((step) => ({ name: t(step), type: "bar", barMaxWidth: 24, data: shown.map((one) => shareOf(one, step) ?? 0) })),
  };
  return <Chart label={`${t("question")} ${t("share")}`} option={option} height={260} />;
}

function Found({ found, by, whole, onPick }: { found: Comparison; by: By; whole: boolean; onPick: ((key: string, step: Step) => void) | undefined }) {
  const { t } = useTranslation("conversion");
  const name = useName(by);
  const source = useName("source");
  if (found.sources.length === 0) return <EmptyState title={t("noneTitle")} hint={t("noneHint")} />;
  return (
    <>
      <Question span={3} question={t("question")} answer={<span className="t-faint">{t("share")}</span>}>
        <Shares sources={found.sources} name={name} />
        <FunnelTable sources={found.sources} name={name} whole={whole} onPick={onPick} />
      </Question>
      {found.done.length > 0 ? (
        <Question span={3} question={t("done")}>
          <ul className={styles.done}>
            {found.done.map((one) => (
              <li key={one.name}>
                {t("doneLine", { name: one.name, people: one.people, times: one.times })}
                {one.anonymous > 0 ? t("doneAnonymous", { times: one.anonymous }) : null}
                {one.sources.length > 1 ? (
                  <span className="t-faint"> {one.sources.map((each) => t("doneSource", { source: each.source ? source(each.source) : t("doneUnknown"), people: each.people, times: each.times + each.anonymous })).join(t("doneJoin"))}</span>
                ) : null}
              </li>
            ))}
          </ul>
        </Question>
      ) : null}
    </>
  );
}

/** Customers by where they came from: how far they went, and what it cost. */
export function ConversionPage() {
  const { t } = useTranslation("conversion");
  const can = useCan();
  const filters = useUrlFilters(FILTERS);
  const fields = useFields();
  const by: By = filters.values.by === "channel" ? "channel" : "source";
  const [picked, setPicked] = useState<{ key: string; step: Step } | null>(null);
  const [spending, setSpending] = useState(false);
  const name = useName(by);
  const drawn = filters.values.by === "traffic";
  const asked = { ...filters.values, by };
  const query = useQuery({
    queryKey: ["/conversion", asked],
    queryFn: ({ signal }) => api.get<Comparison>("/conversion", asked, signal),
    placeholderData: (before) => before,
    enabled: !drawn,
  });
  const { credit, within_days, friends, tag } = filters.values;
  const traffic = useTraffic(Object.fromEntries(Object.entries({ from: filters.values.from, to: filters.values.to, within_days }).filter((one): one is [string, string] => Boolean(one[1]))), drawn);
  const days = drawn ? traffic.data : query.data;
  const { from = days?.first_day, to = days?.last_day } = filters.values;
  return (
    <BoardPage
      title={t("title")}
      lead={t("lead")}
      actions={
        can("spend.write") ? (
          <Button onClick={() => setSpending(true)}>{t("spendOpen")}</Button>
        ) : null
      }
    >
      <div className={styles.filters} style={{ gridColumn: "1 / -1" }}>
        <Segmented aria-label={t("by")} value={drawn ? "traffic" : by} options={(["source", "channel", "traffic"] as const).map((value) => ({ value, label: t(`by.${value}`) }))} onChange={(next) => filters.set({ by: next === "source" ? null : next })} />
        <DatePicker.RangePicker
          allowClear={false}
          aria-label={`${t("from")} ${t("to")}`}
          value={from && to ? [dayjs(from), dayjs(to)] : null}
          onChange={(days) => filters.set({ from: days?.[0]?.format("YYYY-MM-DD") ?? null, to: days?.[1]?.format("YYYY-MM-DD") ?? null })}
        />
        {drawn ? null : <FilterBar fields={fields} values={{ credit, within_days, friends, tag }} onChange={(changes) => filters.set(changes)} onClear={() => filters.set({ credit: null, within_days: null, friends: null, tag: null })} />}
      </div>
      {drawn ? (
        <TrafficBoard query={traffic} />
      ) : (
        <Loaded query={query} rows={10}>
          {(found) => <Found found={found} by={by} whole={!friends && !tag} onPick={can("customer.read") ? (key, step) => setPicked({ key, step }) : undefined} />}
        </Loaded>
      )}
      {picked ? <PeopleDrawer filters={{ ...asked, ...(from ? { from } : {}), ...(to ? { to } : {}) }} source={picked.key} name={name(picked.key)} step={picked.step} onClose={() => setPicked(null)} /> : null}
      {spending ? <SpendDrawer by={by} example={`${to ?? "2026-01-31"},${by === "channel" ? t("spend.exampleChannel") : "douyin"},1200.00`} onClose={() => setSpending(false)} /> : null}
    </BoardPage>
  );
}
