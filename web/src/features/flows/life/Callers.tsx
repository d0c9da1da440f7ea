import { Alert, Checkbox } from "antd";
import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { StatusTag } from "../StatusTag";
import type { Caller } from "./useCallers";
import styles from "./life.module.css";

/** The flows that call this one, each with its state. */
export function CallerList({ callers }: { callers: readonly Caller[] }) {
  const { t } = useTranslation("flows");
  return (
    <ul className={styles.callers} aria-label={t("callers.title")}>
      {callers.map((one) => (
        <li key={one.id}>
          <Link to={`/flows/${one.id}`}>{one.name}</Link> <StatusTag status={one.status as "running"} />
          {one.published ? null : <span className={styles.faint}>{t("callers.drafted")}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Before publishing what others use: who they are, and a word that one has looked. */
export function CallersAsked({ callers, looked, onLook }: { callers: readonly Caller[]; looked: boolean; onLook: (looked: boolean) => void }) {
  const { t } = useTranslation("flows");
  return (
    <Alert
      type="warning"
      showIcon
      title={t("callers.reaches", { count: callers.length })}
      description={
        <>
          <CallerList callers={callers} />
          <Checkbox checked={looked} onChange={(event) => onLook(event.target.checked)}>
            {t("callers.looked")}
          </Checkbox>
        </>
      }
    />
  );
}
