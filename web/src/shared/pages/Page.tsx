import { Breadcrumb } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useDocumentTitle } from "@/shared/i18n";
import styles from "./Page.module.css";

export interface Crumb {
  label: string;
  to: string;
}

export interface PageProps {
  title: string;
  /** One sentence: what this page is for, or the state of what it shows. */
  lead?: ReactNode;
  crumbs?: readonly Crumb[];
  /** At most one of them primary. */
  actions?: ReactNode;
  /** Beside the title: a state tag, say. */
  badge?: ReactNode;
  children: ReactNode;
  /** `fill` gives the page the window's height, so that a table or a canvas scrolls inside it. */
  fill?: boolean;
}

/** The frame all five kinds of page share: where am I, what is this, what can I do. */
export function Page({ title, lead, crumbs, actions, badge, children, fill = false }: PageProps) {
  useDocumentTitle(title);
  return (
    <div className={fill ? `${styles.page} ${styles.fill}` : styles.page}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {crumbs?.length ? (
            <Breadcrumb className={styles.crumbs ?? ""} items={crumbs.map((crumb) => ({ key: crumb.to, title: <Link to={crumb.to}>{crumb.label}</Link> }))} />
          ) : null}
          <div className={styles.titleRow}>
            <h1 className={styles.title}>{title}</h1>
            {badge}
          </div>
          {lead ? <div className={styles.lead}>{lead}</div> : null}
        </div>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </header>
      <div className={styles.body}>{children}</div>
    </div>
  );
}
