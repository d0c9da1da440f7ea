import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/shared/api";
import { Chart, dailyCounts } from "@/shared/chart";
import { Num, Percent, formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import { palettes, series, useShade } from "@/shared/theme";
import styles from "./Contact.module.css";
import type { CodeFigures } from "./types";

function Days({ figures }: { figures: CodeFigures }) {
  const { t } = useTranslation("contact");
  const { shade } = useShade();
  const option = useMemo(() => {
    const [main] = series[shade];
    return {
      ...dailyCounts(palettes[shade], figures.days.map((one) => one.day), (value) => formatNumber(value)),
      series: [
        { name: t("figures.added"), type: "bar", barMaxWidth: 14, itemStyle: { color: main }, data: figures.days.map((one) => one.added) },
        { name: t("figures.lost"), type: "bar", barMaxWidth: 14, itemStyle: { color: palettes[shade].inkFaint }, data: figures.days.map((one) => one.lost) },
      ],
    };
  }, [figures, t, shade]);
  return <Chart label={t("page.byDay")} option={option} />;
}

function Members({ figures }: { figures: CodeFigures }) {
  const { t } = useTranslation("contact");
  return (
    <div className={styles.table}>
      <table>
        <thead>
          <tr>
            {["seats.adviser", "figures.added", "figures.kept", "figures.lost", "figures.firstOrders", "figures.rate"].map((key) => (
              <th key={key}>{t(key)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.members.map((one) => (
            <tr key={one.member}>
              <td>{one.name}</td>
              {[one.added, one.kept, one.lost, one.first_orders].map((value, index) => (
                <td key={index}>
                  <Num value={value} />
                </td>
              ))}
              <td>
                <Percent value={one.added > 0 ? one.first_orders / one.added : null} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a code brought in the last 30 days, by day and by adviser. */
export function Brought({ codeId }: { codeId: string }) {
  const { t } = useTranslation("contact");
  const found = useQuery({ queryKey: ["/live-codes", codeId, "figures"], queryFn: ({ signal }) => api.get<CodeFigures>(`/live-codes/${codeId}/figures`, { days: 30 }, signal) });
  return (
    <Section title={t("page.byDay")} flush>
      <Loaded query={found} rows={4}>
        {(figures) =>
          figures.members.length === 0 ? (
            <EmptyState compact title={t("page.nobodyYet")} hint={t("page.nobodyYetHint")} />
          ) : (
            <>
              <Days figures={figures} />
              <Members figures={figures} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}
