import { Alert, Spin } from "antd";
import { Num } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import type { ImportDetail, ImportPreview } from "./types";
import styles from "./Imports.module.css";

function Figure({ label, value, tone }: { label: string; value: number; tone?: string | undefined }) {
  return (
    <div className={styles.figure}>
      <span className={tone}>
        <Num value={value} />
      </span>
      <span className={styles.figureLabel}>{label}</span>
    </div>
  );
}

function Figures({ one, seen }: { one: ImportDetail; seen: ImportPreview }) {
  const { t } = useTranslation("imports");
  const told = seen.forecast;
  if (!told) return null;
  const people = one.kind === "customer";
  return (
    <>
      <div className={styles.figures}>
        {people ? <Figure label={t("forecast.people")} value={told.people_made} /> : <Figure label={t("forecast.orders")} value={told.new} />}
        {people ? <Figure label={t("forecast.known")} value={Math.max(0, told.new + told.updates - told.people_made)} /> : <Figure label={t("forecast.orderUpdates")} value={told.updates} />}
        {people ? null : <Figure label={t("forecast.people")} value={told.people_made} />}
        <Figure label={t("forecast.duplicates")} value={told.duplicates} />
        <Figure label={t("forecast.refused")} value={told.refused} tone={told.refused > 0 ? styles.bad : undefined} />
        {told.left_out > 0 ? <Figure label={t("forecast.leftOut")} value={told.left_out} tone={styles.bad} /> : null}
        <Figure label={t("forecast.score")} value={seen.score} tone={seen.score < 70 ? styles.bad : undefined} />
      </div>
      <p className={styles.hint}>
        {told.whole ? t("forecast.whole", { rows: told.rows }) : t("forecast.part", { rows: told.rows, total: one.rows_total })}
        {seen.repeated > 0 ? ` ${t("forecast.repeated", { count: seen.repeated })}` : ""}
      </p>
    </>
  );
}

function Problems({ seen, taken, count }: { seen: ImportPreview; taken: boolean; count: number }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  if (count === 0) return null;
  const listed = seen.problems.filter((problem) => problem.taken === taken);
  return (
    <details className={styles.problems}>
      <summary>{t(taken ? "problems.leftOut" : "problems.title", { count })}</summary>
      <ul className="t-plain">
        {listed.map((problem) => (
          <li key={`${problem.row}${problem.what.en}`} className={styles.problem}>
            <span className="t-num t-faint">{t("problems.row", { row: problem.row })}</span> {say(problem.what)}
          </li>
        ))}
      </ul>
      {listed.length < count ? <p className="t-faint">{t("problems.more")}</p> : null}
    </details>
  );
}

/** What would happen: the server tried it and undid it. */
export function Forecast({ one, seen, asking }: { one: ImportDetail; seen: ImportPreview | undefined; asking: boolean }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  return (
    <Section title={t("forecast.title")} extra={asking ? <Spin size="small" /> : null}>
      {one.notices.map((notice) => (
        <Alert key={notice.en} type="warning" showIcon className={styles.notice ?? ""} title={say(notice)} />
      ))}
      {seen?.unusable.map((what) => <Alert key={what.en} type="info" showIcon className={styles.notice ?? ""} title={say(what)} />)}
      {seen ? <Figures one={one} seen={seen} /> : <p className={styles.hint}>{t("forecast.asking")}</p>}
      {seen?.masked ? <p className={styles.hint}>{t("forecast.masked")}</p> : null}
      {seen?.forecast ? (
        <>
          <Problems seen={seen} taken={false} count={seen.forecast.refused} />
          <Problems seen={seen} taken count={seen.forecast.left_out} />
        </>
      ) : null}
    </Section>
  );
}
