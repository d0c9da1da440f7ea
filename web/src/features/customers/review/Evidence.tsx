import { Tag } from "antd";
import { Percent } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import type { DuplicatePair } from "../types";
import styles from "./Review.module.css";

/** Why two are asked about: what joins them, what speaks against, and what each comparison found. */
export function Evidence({ pair }: { pair: DuplicatePair }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const { joined_by, against, days, probability, findings } = pair.evidence;
  return (
    <div className={styles.evidence}>
      {joined_by ? (
        <p>
          <span className="t-faint">{t("review.joined")}</span> {say(joined_by)}
        </p>
      ) : null}
      <p>
        <span className="t-faint">{joined_by ? t("review.against") : t("review.why")}</span> {say(against)}
        {days ? ` · ${t("review.days", { count: days })}` : ""}
        {probability === null ? null : (
          <>
            {" · "}
            {t("review.likely")} <Percent value={probability} />
          </>
        )}
      </p>
      {findings.length > 0 ? (
        <ul className={styles.findings}>
          {findings.map(({ label, found, bits }) => (
            <li key={label.en}>
              <Tag color={bits > 0 ? "success" : "warning"}>
                {say(label)} {say(found)} <span className="t-num">{bits > 0 ? `+${bits.toFixed(1)}` : bits.toFixed(1)}</span>
              </Tag>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
