import type { ReactNode } from "react";
import { Num, Percent } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import styles from "./FunnelChart.module.css";

export interface FunnelStep {
  key: string;
  label: string;
  count: number;
  /** What stands small under the label: what the step is made of, or what one cost. */
  note?: ReactNode;
  onPick?: (() => void) | undefined;
}

/** How many of a step's people the next one lost; null for the last. */
export function leaks(counts: readonly number[]): (number | null)[] {
  return counts.map((count, index) => (index + 1 < counts.length ? Math.max(0, count - (counts[index + 1] ?? 0)) : null));
}

/** Which step loses most people; -1 where none does. */
export function worst(counts: readonly number[]): number {
  const lost = leaks(counts).map((one) => one ?? 0);
  const most = Math.max(0, ...lost);
  return most > 0 ? lost.indexOf(most) : -1;
}

function Band({ from, to, faint }: { from: number; to: number; faint: number }) {
  return (
    <svg className={styles.band} viewBox="0 0 100 60" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`${50 - from / 2},0 ${50 + from / 2},0 ${50 + to / 2},60 ${50 - to / 2},60`} style={{ fill: "var(--t-primary)", opacity: 1 - faint * 0.17 }} />
    </svg>
  );
}

function Count({ step }: { step: FunnelStep }) {
  if (!step.onPick || step.count === 0) return <Num value={step.count} />;
  return (
    <button type="button" className={styles.figure} onClick={step.onPick}>
      <Num value={step.count} />
    </button>
  );
}

/** A funnel: each step as wide as its people, and beside it what the next one loses. */
export function FunnelChart({ label, steps }: { label: string; steps: readonly FunnelStep[] }) {
  const { t } = useTranslation("shared");
  const counts = steps.map((one) => one.count);
  const most = Math.max(1, ...counts);
  const lost = leaks(counts);
  const bad = worst(counts);
  const width = (index: number) => Math.max(1.5, ((counts[index] ?? 0) / most) * 100);
  return (
    <ol className={styles.funnel} aria-label={label}>
      {steps.map((step, index) => (
        <li key={step.key} className={styles.step}>
          <div className={styles.label}>
            <strong>{step.label}</strong>
            {step.note ? <span className="t-faint">{step.note}</span> : null}
          </div>
          <Band from={width(index)} to={index + 1 < steps.length ? width(index + 1) : width(index) * 0.9} faint={index} />
          <div className={styles.numbers}>
            <span className={styles.count}>
              <Count step={step} />
              {index > 0 ? (
                <span className="t-faint">
                  <Percent value={(counts[index - 1] ?? 0) > 0 ? step.count / (counts[index - 1] ?? 1) : null} />
                </span>
              ) : null}
            </span>
            {lost[index] !== null && lost[index] !== undefined ? (
              <span className={index === bad ? styles.worst : "t-faint"}>
                {t("funnel.lost", { count: lost[index] })} <Percent value={step.count > 0 ? (lost[index] ?? 0) / step.count : null} />
              </span>
            ) : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
