import type { ReactNode } from "react";
import { Page, type PageProps } from "./Page";
import styles from "./kinds.module.css";

interface DetailProps extends Omit<PageProps, "children"> {
  /** Who or what this is, its state and the next action. */
  summary?: ReactNode;
  facts: ReactNode;
  children: ReactNode;
}

/** Detail: summary at the top, facts left, timeline (or tabs) right. */
export function DetailPage({ summary, facts, children, ...page }: DetailProps) {
  return (
    <Page {...page}>
      {summary}
      <div className={styles.detail}>
        <aside className={styles.facts}>{facts}</aside>
        <div className={styles.main}>{children}</div>
      </div>
    </Page>
  );
}

/** A titled block on a page. */
export function Section({ title, extra, children, flush = false }: { title?: ReactNode; extra?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className={styles.section}>
      {title || extra ? (
        <div className={styles.sectionHead}>
          {title ? <h2 className={styles.sectionTitle}>{title}</h2> : <span />}
          {extra}
        </div>
      ) : null}
      <div className={flush ? styles.sectionFlush : styles.sectionBody}>{children}</div>
    </section>
  );
}

/** Label and value pairs, read as a description list. */
export function Facts({ items }: { items: readonly { key: string; label: ReactNode; value: ReactNode }[] }) {
  return (
    <dl className={styles.factList}>
      {items.map((item) => (
        <div key={item.key} className={styles.fact}>
          <dt>{item.label}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
