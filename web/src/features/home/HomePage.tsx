import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { api, queryClient } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { BoardPage } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { EmptyState, Loaded } from "@/shared/states";
import type { HomeBoard } from "./board";
import { MetricCard } from "./MetricCard";
import styles from "./Home.module.css";

const PERIODS = ["7", "30", "90"] as const;
const topics = ["board"];
/** Figures told at full width; the board stays readable because only these are large. */
const WIDE = new Set(["revenue"]);
/** The wide figure and the one beside it share a row and so a height. */
const TALL = new Set(["revenue", "orders"]);

export function HomePage() {
  const { t } = useTranslation("home");
  const me = useMe();
  const filters = useUrlFilters(["days"]);
  const days = PERIODS.find((one) => one === filters.values.days) ?? "30";
  const query = useQuery({
    queryKey: ["/board/home", days],
    queryFn: ({ signal }) => api.get<HomeBoard>("/board/home", { days }, signal),
    placeholderData: (before) => before,
  });
  useLive(topics, () => void queryClient.invalidateQueries({ queryKey: ["/board/home"] }));
  const board = query.data;
  return (
    <BoardPage
      title={t("welcome", { name: me.user.name })}
      lead={board ? t("lead", { from: board.days[0], to: board.days.at(-1), days }) : " "}
      actions={
        <Segmented
          aria-label={t("days.label")}
          value={days}
          options={PERIODS.map((one) => ({ value: one, label: t(`days.${one}`) }))}
          onChange={(next) => filters.set({ days: next === "30" ? null : next })}
        />
      }
    >
      <div className={styles.loading}>
        <Loaded query={query} rows={12}>
          {(found) =>
            found.metrics.length > 0 ? (
              found.metrics.map((metric) => <MetricCard key={metric.key} metric={metric} board={found} wide={WIDE.has(metric.key)} tall={TALL.has(metric.key)} />)
            ) : (
              <EmptyState title={t("noneTitle")} hint={t("noneHint")} />
            )
          }
        </Loaded>
      </div>
    </BoardPage>
  );
}
