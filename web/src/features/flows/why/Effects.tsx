import { Tag } from "antd";
import type { Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import type { Called } from "../called";
import styles from "../steer/Steer.module.css";

type Effect = Schemas["EffectOut"];

const GOOD = new Set(["sent", "issued", "earned"]);

/** What she got, in its words, or why she did not. */
export function Effects({ effects, nameOf }: { effects: readonly Effect[]; nameOf?: Called["block"] }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  return (
    <ul className="t-plain">
      {effects.map((one, index) => (
        <li key={index} className={styles.line}>
          <div className={styles.grow}>
            <span>
              <Tag color={GOOD.has(one.outcome) ? "success" : "warning"}>{t(`outcome.${one.outcome}`, { defaultValue: one.outcome })}</Tag>{" "}
              {t(`what.${one.what}`)} · {one.title}
              {one.what === "points" && one.amount ? ` +${one.amount}` : ""}
            </span>
            {one.reason ? <span className={styles.fails}>{t(`reason.${one.reason.split(":")[0] ?? ""}`, { defaultValue: one.reason })}</span> : null}
            {one.until ? (
              <span className={styles.small}>
                {t("effect.until")} <Time value={one.until} />
              </span>
            ) : null}
            {one.text ? <span className={styles.bubble}>{one.text}</span> : null}
          </div>
          <span className={styles.small}>
            {nameOf ? nameOf(one.block, one.block_label) : one.block_label ? say(one.block_label) : one.block} · <Time value={one.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
