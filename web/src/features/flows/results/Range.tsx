import type { Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import styles from "../steer/Steer.module.css";

/** A difference with its 95 % interval around zero, so that one sees at a glance whether nothing lies within. */
export function Range({ comparison }: { comparison: Schemas["ComparisonOut"] }) {
  const { t } = useTranslation("steer");
  const { difference, interval } = comparison;
  if (difference === null || interval === null) return null;
  const reach = Math.max(Math.abs(interval[0]), Math.abs(interval[1]), 0.01) * 1.1;
  const at = (value: number) => `${((value + reach) / (2 * reach)) * 100}%`;
  const points = (value: number) => (value * 100).toFixed(1);
  return (
    <div>
      <div className={styles.range} aria-hidden>
        <span style={{ left: at(interval[0]), width: `${((interval[1] - interval[0]) / (2 * reach)) * 100}%` }} />
        <b style={{ left: at(difference) }} />
        <b style={{ left: at(0), opacity: 0.4, width: 1 }} />
      </div>
      <span className={styles.small}>{t("results.rangeSaid", { low: points(interval[0]), high: points(interval[1]), p: comparison.p === null ? "—" : comparison.p < 0.001 ? "< 0.001" : `= ${comparison.p.toFixed(3)}` })}</span>
    </div>
  );
}
