import { useEffect, useRef } from "react";
import { formatTime } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import type { PhoneText } from "./types";
import styles from "./Messages.module.css";

/** A customer's phone, the newest message at the bottom and in sight. */
export function Phone({ name, texts }: { name: string; texts: readonly PhoneText[] }) {
  const { t } = useTranslation("messages");
  const me = useMe();
  const screen = useRef<HTMLDivElement>(null);
  useEffect(() => {
    screen.current?.scrollTo(0, screen.current.scrollHeight);
  }, [texts]);
  return (
    <div className={styles.phone} role="region" aria-label={t("inbox.phone", { name })}>
      <div className={styles.phoneHead}>
        <strong>{me.tenant.name}</strong>
        <span className={styles.phoneName}>{name}</span>
      </div>
      <div className={styles.screen} ref={screen}>
        {texts.map((text) => (
          <div key={text.id} className={styles.bubbleRow}>
            <time className={`${styles.bubbleTime} t-num`} dateTime={text.delivered_at}>
              {formatTime(text.delivered_at, me.tenant.zone)}
            </time>
            <p className={styles.bubble}>{text.text}</p>
          </div>
        ))}
      </div>
    </div>
  );
}
