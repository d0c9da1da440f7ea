import { useQuery } from "@tanstack/react-query";
import { Alert, Segmented } from "antd";
import { useMemo, useState } from "react";
import { api } from "@/shared/api";
import { Chart, dailyCounts } from "@/shared/chart";
import { Num, Time, formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { palettes, series, useShade } from "@/shared/theme";
import type { GroupFigures } from "./types";

const SPANS = [7, 30, 90] as const;
type Span = (typeof SPANS)[number];

function Days({ figures }: { figures: GroupFigures }) {
  const { t } = useTranslation("groups");
  const { shade } = useShade();
  const option = useMemo(() => {
    const [main, second] = series[shade];
    return {
      ...dailyCounts(palettes[shade], figures.days.map((one) => one.day), (value) => formatNumber(value)),
      series: [
        { name: t("figures.messages"), type: "bar", barMaxWidth: 14, itemStyle: { color: main }, data: figures.days.map((one) => one.messages) },
        { name: t("figures.activePeople"), type: "line", showSymbol: false, itemStyle: { color: second }, data: figures.days.map((one) => one.active_people) },
        { name: t("figures.newPeople"), type: "bar", barMaxWidth: 14, itemStyle: { color: palettes[shade].inkFaint }, data: figures.days.map((one) => one.new_people) },
      ],
    };
  }, [figures, t, shade]);
  return <Chart label={t("figures.byDay")} option={option} />;
}

type Owner = GroupFigures["owners"][number];

function Owners({ figures }: { figures: GroupFigures }) {
  const { t } = useTranslation("groups");
  const columns: Column<Owner>[] = [
    { key: "name", title: t("group.owner"), render: (row) => row.name },
    ...(["groups", "people", "active_people", "new_people", "messages"] as const).map((key): Column<Owner> => ({ key, title: t(`figures.of.${key}`), width: 130, align: "right", render: (row) => <Num value={row[key]} /> })),
  ];
  const rows = { items: figures.owners, error: null, isPending: false, refetch: () => undefined };
  return <DataTable label={t("figures.byOwner")} rows={rows} columns={columns} rowKey={(row) => row.member} empty={<EmptyState compact title={t("figures.none")} />} minWidth={760} />;
}

/** What WeCom itself counted of groups, by day and by owner; whole days, so today is not among them. */
export function Figures() {
  const { t } = useTranslation("groups");
  const [days, setDays] = useState<Span>(30);
  const query = useQuery({ queryKey: ["/group-figures", days], queryFn: ({ signal }) => api.get<GroupFigures>("/group-figures", { days }, signal) });
  return (
    <Loaded query={query} rows={6}>
      {(figures) => (
        <div style={{ padding: 12, display: "flex", flexDirection: "column", gap: 12, minHeight: 0, flex: 1, overflow: "auto" }}>
          <div style={{ display: "flex", gap: 12, alignItems: "center" }}>
            <Segmented<Span> aria-label={t("figures.span")} value={days} onChange={setDays} options={SPANS.map((value) => ({ value, label: t("figures.days", { n: value }) }))} />
            <span className="t-faint">
              {t("figures.hint")} {figures.read_at ? <Time value={figures.read_at} clock="machine" /> : null}
            </span>
          </div>
          {figures.problem ? <Alert type="warning" showIcon title={t("group.stuck")} description={figures.problem} /> : null}
          {figures.days.length > 0 ? (
            <>
              <Days figures={figures} />
              <Owners figures={figures} />
            </>
          ) : (
            <EmptyState title={t("figures.none")} hint={t("figures.noneHint")} />
          )}
        </div>
      )}
    </Loaded>
  );
}
