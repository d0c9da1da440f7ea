import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "@/shared/api";
import { formatTime } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan, useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { PhoneText } from "./types";
import styles from "./Messages.module.css";

const REACTIONS = ["read", "clicked", "replied"] as const;
type Reaction = (typeof REACTIONS)[number];

/** What the customer does with a message: pressed by hand, it happens as if she had. The same twice counts once. */
function Reactions({ text }: { text: PhoneText }) {
  const { t } = useTranslation("messages");
  const told = useTold();
  const react = useMutation({
    mutationFn: (what: Reaction) => api.post(`/simulated-inbox/${text.id}/reactions`, { what }),
    onSuccess: (_answer, what) => told.done(t(`inbox.reacted.${what}`)),
    onError: told.failed,
  });
  return (
    <div className={styles.reactions} role="group" aria-label={t("inbox.reactions")}>
      {REACTIONS.map((what) => (
        <button key={what} type="button" disabled={react.isPending} onClick={() => react.mutate(what)}>
          {t(`inbox.react.${what}`)}
        </button>
      ))}
    </div>
  );
}

/** A customer's phone, the newest message at the bottom and in sight. */
export function Phone({ name, texts }: { name: string; texts: readonly PhoneText[] }) {
  const { t } = useTranslation("messages");
  const me = useMe();
  const may = useCan()("message.write");
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
            {may ? <Reactions text={text} /> : null}
          </div>
        ))}
      </div>
    </div>
  );
}
