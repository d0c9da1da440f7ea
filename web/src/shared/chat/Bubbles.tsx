import { Tag } from "antd";
import type { ReactNode } from "react";
import { Time } from "@/shared/format";
import styles from "./Bubbles.module.css";

export interface Bubble {
  id: string;
  at: string;
  /** Said by the customer: on the left; everybody else on the right. */
  theirs: boolean;
  who: string;
  text: ReactNode;
  /** Small words beneath: that it was taken back, why it was said. */
  notes: readonly string[];
  /** Words in it that were watched for. */
  words: readonly string[];
}

/** What two said to each other, the oldest first. */
export function Bubbles({ label, items }: { label: string; items: readonly Bubble[] }) {
  return (
    <ol className={`t-plain ${styles.talk}`} aria-label={label}>
      {items.map((one) => (
        <li key={one.id} className={one.theirs ? styles.theirs : styles.ours}>
          <div className={styles.who}>
            {one.who} <Time value={one.at} />
          </div>
          <div className={styles.bubble}>{one.text}</div>
          {one.words.length > 0 || one.notes.length > 0 ? (
            <div className={styles.notes}>
              {one.words.map((word) => (
                <Tag key={word} color="orange">
                  {word}
                </Tag>
              ))}
              {one.notes.map((note) => (
                <span key={note}>{note}</span>
              ))}
            </div>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
