import { CheckCircleFilled, CloseCircleFilled, LockOutlined } from "@ant-design/icons";
import type { Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import styles from "../steer/Steer.module.css";

type Part = Schemas["ConditionOut"];

function said(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Node({ part }: { part: Part }) {
  const { t } = useTranslation("steer");
  // Whether it held is not said to whom what it asks about is closed.
  const answer = part.holds === null ? "closed" : part.holds ? "holds" : "fails";
  const Mark = { closed: LockOutlined, holds: CheckCircleFilled, fails: CloseCircleFilled }[answer];
  return (
    <div>
      <Mark className={answer === "closed" ? "" : styles[answer]} aria-label={t(`condition.${answer}`)} />{" "}
      {part.parts.length > 0 ? <span>{t(`condition.${part.kind}`)}</span> : <code className={styles.code}>{part.text}</code>}
      {part.values.map((one, index) => (
        <div key={index} className={styles.small}>
          <code className={styles.code}>{said(one.text)}</code> = {said(one.value)}
        </div>
      ))}
      {part.parts.length > 0 ? (
        <ul>
          {part.parts.map((one, index) => (
            <li key={index}>
              <Node part={one} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** A condition part by part: which held, and the values it looked at. */
export function Condition({ part }: { part: Part }) {
  return (
    <div className={styles.tree}>
      <Node part={part} />
    </div>
  );
}
