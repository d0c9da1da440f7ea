import type { ReactNode } from "react";
import { Page, type PageProps } from "./Page";
import styles from "./ListPage.module.css";

interface ListProps extends PageProps {
  /** Search box and filter chips. */
  filters?: ReactNode;
  /** At the right of the filters: the count, the columns. */
  tools?: ReactNode;
}

/** List: filters that read as a sentence, then the rows, which scroll inside the page. */
export function ListPage({ filters, tools, children, ...page }: ListProps) {
  return (
    <Page {...page} fill>
      <div className={styles.sheet}>
        {filters || tools ? (
          <div className={styles.bar}>
            <div className={styles.filters}>{filters}</div>
            <div className={styles.tools}>{tools}</div>
          </div>
        ) : null}
        <div className={styles.rows}>{children}</div>
      </div>
    </Page>
  );
}
