import type { ReactNode } from "react";
import { Page, type PageProps } from "./Page";
import styles from "./kinds.module.css";

/** Board: few charts, each answering the question written above it. */
export function BoardPage(props: PageProps) {
  return (
    <Page {...props}>
      <div className={styles.board}>{props.children}</div>
    </Page>
  );
}

interface QuestionProps {
  question: string;
  answer?: ReactNode;
  extra?: ReactNode;
  span?: 1 | 2 | 3;
  children: ReactNode;
}

/** One question of a board; the answer in words or a number before the chart that shows it. */
export function Question({ question, answer, extra, span = 1, children }: QuestionProps) {
  return (
    <section className={styles.question} data-span={span}>
      <div className={styles.questionHead}>
        <h2 className={styles.questionTitle}>{question}</h2>
        {extra}
      </div>
      {answer ? <div className={styles.answer}>{answer}</div> : null}
      <div className={styles.chart}>{children}</div>
    </section>
  );
}
