import { DownOutlined } from "@ant-design/icons";
import { Popover } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import type { Group } from "../navigation";
import { moveFocus } from "./navKeys";
import styles from "./SideNav.module.css";

export interface NavState {
  narrow: boolean;
  current: string | null;
  currentGroup: string | null;
}

/** The pages of a group; leaving for one is told, so that what floats can close. */
function GroupLinks({ group, current, onLeave }: { group: Group; current: string | null; onLeave?: () => void }) {
  const { t } = useTranslation("app");
  const id = `nav-${group.key}`;
  const list = useRef<HTMLUListElement>(null);
  // On a low screen the page one is on may lie below the edge of the list.
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <ul ref={list} className={`t-plain ${styles.entries}`} id={id}>
      {group.entries.map((entry) => (
        <li key={entry.key}>
          <Link to={entry.to} data-nav data-of={id} className={styles.entry} aria-current={current === entry.to ? "page" : undefined} onClick={onLeave}>
            {t(`nav.${entry.key}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The collapsed form: the pages float beside the icon, and the keyboard gets there too. */
function FloatingGroup({ group, label, state, mark, children }: { group: Group; label: string; state: NavState; mark: "true" | undefined; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const pages = useRef<HTMLDivElement>(null);
  const byKey = useRef(false);
  const close = () => setOpen(false);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowRight" || event.key === "Enter" || event.key === " ") {
      byKey.current = true;
      setOpen(true);
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const onInnerKey = (event: KeyboardEvent) => {
    const leaves = event.key === "Escape" || event.key === "ArrowLeft" || event.key === "Tab";
    if (leaves) {
      close();
      button.current?.focus();
    } else if (!pages.current || !moveFocus(pages.current, event.key)) return;
    // Tab goes on from the icon, as if the pages stood right behind it.
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  const links = (
    // The links inside are what is used; the keys only move among them.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={pages} onKeyDown={onInnerKey}>
      <GroupLinks group={group} current={state.current} onLeave={close} />
    </div>
  );
  return (
    <Popover
      trigger={["hover", "click"]}
      placement="rightTop"
      arrow={false}
      title={label}
      content={links}
      open={open}
      onOpenChange={setOpen}
      afterOpenChange={(shown) => {
        if (shown && byKey.current) pages.current?.querySelector<HTMLElement>("[data-nav]")?.focus();
        byKey.current = false;
      }}
    >
      <button ref={button} type="button" data-nav className={styles.group} data-current={mark} aria-label={label} aria-haspopup="true" aria-expanded={open} onKeyDown={onKey}>
        {children}
      </button>
    </Popover>
  );
}

export function NavGroup({ group, state, open, onToggle }: { group: Group; state: NavState; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation("app");
  const label = t(`nav.${group.label ?? group.key}`);
  const mark = state.currentGroup === group.key ? "true" : undefined;
  const inner = (
    <>
      <span className={styles.icon} aria-hidden>
        {group.icon}
      </span>
      <span className={styles.label}>{label}</span>
    </>
  );
  if (group.to) {
    return (
      <Link to={group.to} data-nav className={styles.group} data-current={mark} aria-current={mark ? "page" : undefined} aria-label={label} title={state.narrow ? label : undefined}>
        {inner}
      </Link>
    );
  }
  if (state.narrow) {
    return (
      <FloatingGroup group={group} label={label} state={state} mark={mark}>
        {inner}
      </FloatingGroup>
    );
  }
  return (
    <>
      <button type="button" data-nav className={styles.group} data-current={mark} aria-expanded={open} aria-controls={`nav-${group.key}`} onClick={onToggle}>
        {inner}
        <DownOutlined aria-hidden className={styles.arrow} data-open={open} />
      </button>
      {open ? <GroupLinks group={group} current={state.current} /> : null}
    </>
  );
}
