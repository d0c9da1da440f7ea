import { Progress } from "antd";
import { formatNumber, formatPercent } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { CallerList } from "../life/Callers";
import { useCallers } from "../life/useCallers";
import type { ArmStats, Flow, FlowStats } from "../api";
import { useCalled } from "../useCalled";
import { MendFailed } from "./MendFailed";
import styles from "./GoalPanel.module.css";

function Figure({ label, value, faint = false }: { label: string; value: string; faint?: boolean }) {
  return (
    <div className={styles.figure} data-faint={faint}>
      <dt>{label}</dt>
      <dd className="t-num">{value}</dd>
    </div>
  );
}

/** One arm of an experiment: its rate, and the interval that says how sure one may be. */
function Arm({ name, arm, scale }: { name: string; arm: ArmStats; scale: number }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const [low, high] = arm.interval ?? [0, 0];
  const percent = (value: number) => `${(value / scale) * 100}%`;
  return (
    <li className={styles.arm}>
      <div className={styles.armHead}>
        <strong>{arm.label ? say(arm.label) : name}</strong>
        <span className="t-num">{arm.rate === null ? t("arm.noRate") : formatPercent(arm.rate, 1)}</span>
      </div>
      <div className={styles.track} aria-hidden>
        {arm.rate === null ? null : <span className={styles.rate} style={{ width: percent(arm.rate) }} />}
        {arm.interval ? <span className={styles.interval} style={{ left: percent(low), width: percent(high - low) }} /> : null}
      </div>
      <div className={styles.armFoot}>
        {t("arm.counts", { entered: formatNumber(arm.entered), converted: formatNumber(arm.converted) })}
        {arm.interval ? ` · ${t("arm.interval", { low: formatPercent(low, 1), high: formatPercent(high, 1) })}` : ""}
      </div>
    </li>
  );
}

/** Arms by the block that parts people; the control group, which no block parts, stands by itself. */
function byBlock(arms: FlowStats["arms"]): [string, [string, ArmStats][]][] {
  const found = new Map<string, [string, ArmStats][]>();
  for (const [name, arm] of Object.entries(arms)) {
    const block = name.includes(".") ? name.slice(0, name.indexOf(".")) : "";
    found.set(block, [...(found.get(block) ?? []), [name, arm]]);
  }
  return [...found];
}

function Arms({ flow, stats }: { flow: Flow; stats: FlowStats }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const { block: nameOf } = useCalled(flow.draft);
  const arms = Object.entries(stats.arms);
  const splits = byBlock(stats.arms);
  if (arms.length < 2) return null;
  const scale = Math.max(0.05, ...arms.map(([, arm]) => arm.interval?.[1] ?? arm.rate ?? 0));
  return (
    <section>
      <h3 className={styles.heading}>{t("arm.title")}</h3>
      {splits.map(([block, found]) => (
        <div key={block}>
          {block !== "" && splits.length > 1 ? <h4 className={styles.split}>{nameOf(block)}</h4> : null}
          <ul className="t-plain">
            {found.map(([name, arm]) => (
              <Arm key={name} name={name} arm={arm} scale={scale} />
            ))}
          </ul>
        </div>
      ))}
      <p className={styles.verdict}>{stats.verdict ? say(stats.verdict) : null}</p>
    </section>
  );
}

/** What the running flow has done so far, and whether it works. */
export function GoalPanel({ flow, stats }: { flow: Flow; stats: FlowStats | undefined }) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const callers = useCallers(flow.id);
  const counts = flow.counts;
  const goal = stats?.goal;
  const rate = goal?.rate ?? null;
  return (
    <aside className={styles.panel} aria-label={t("watch.title")}>
      <dl className={styles.figures}>
        <Figure label={t("watch.entered")} value={formatNumber(counts?.entered ?? 0)} />
        <Figure label={t("watch.active")} value={formatNumber(counts?.active ?? 0)} />
        <Figure label={t("watch.done")} value={formatNumber(counts?.done ?? 0)} />
        <Figure label={t("watch.failed")} value={formatNumber(counts?.failed ?? 0)} faint={!counts?.failed} />
      </dl>
      {counts?.failed && can("flow.write") ? <MendFailed flowId={flow.id} failed={counts.failed} /> : null}
      {flow.has_goal === false ? <p className={styles.hint}>{t("watch.noGoalHint")}</p> : null}
      {goal && flow.has_goal !== false ? (
        <section>
          <h3 className={styles.heading}>{t("watch.goal")}</h3>
          <div className={styles.goal}>
            <span className={`t-num ${styles.big}`}>{rate === null ? t("arm.noRate") : formatPercent(rate, 1)}</span>
            <span>{t("watch.goalCounts", { converted: formatNumber(goal.converted), entered: formatNumber(goal.entered) })}</span>
          </div>
          <Progress percent={(rate ?? 0) * 100} showInfo={false} size="small" aria-label={t("watch.goal")} />
        </section>
      ) : null}
      {stats ? <Arms flow={flow} stats={stats} /> : null}
      {callers.length > 0 ? (
        <section>
          <h3 className={styles.heading}>{t("callers.title")}</h3>
          <CallerList callers={callers} />
        </section>
      ) : null}
      <p className={styles.hint}>{t("watch.hint")}</p>
    </aside>
  );
}
