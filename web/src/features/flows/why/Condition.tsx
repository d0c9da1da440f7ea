import { CheckCircleFilled, CloseCircleFilled, LockOutlined } from "@ant-design/icons";
import type { Schemas } from "@/shared/api";
import { useSay, useTranslation, type Words } from "@/shared/i18n";
import styles from "../steer/Steer.module.css";

type Part = Schemas["ConditionOut"];

function said(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Node({ part }: { part: Part }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  // Whether it held is not said to whom what it asks about is closed.
  const answer = part.holds === null ? "closed" : part.holds ? "holds" : "fails";
  const Mark = { closed: LockOutlined, holds: CheckCircleFilled, fails: CloseCircleFilled }[answer];
  return (
    <div>
      <Mark className={answer === "closed" ? "" : styles[answer]} aria-label={t(`condition.${answer}`)} />{" "}
      {part.parts.length > 0 ? <span>{t(`condition.${part.kind}`)}</span> : <span title={part.text}>{part.plain ? say(part.plain) : part.text}</span>}
      {part.values.map((one, index) => (
        <div key={index} className={styles.small}>
          <span title={said(one.text)}>{one.plain ? say(one.plain as Words) : said(one.text)}</span>: {said(one.value)}
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
