import { DoubleLeftOutlined, DoubleRightOutlined, DownOutlined } from "@ant-design/icons";
import { Popover } from "antd";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { activeEntry, visibleGroups, type Group } from "../navigation";
import { Logo } from "./Logo";
import styles from "./SideNav.module.css";

interface NavState {
  narrow: boolean;
  current: string | null;
  currentGroup: string | null;
}

function GroupLinks({ group, current }: { group: Group; current: string | null }) {
  const { t } = useTranslation("app");
  return (
    <ul className={`t-plain ${styles.entries}`} id={`nav-${group.key}`}>
      {group.entries.map((entry) => (
        <li key={entry.key}>
          <Link to={entry.to} className={styles.entry} aria-current={current === entry.to ? "page" : undefined}>
            {t(`nav.${entry.key}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function NavGroup({ group, state, open, onToggle }: { group: Group; state: NavState; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation("app");
  const label = t(`nav.${group.key}`);
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
      <Link to={group.to} className={styles.group} data-current={mark} aria-current={mark ? "page" : undefined} aria-label={label}>
        {inner}
      </Link>
    );
  }
  if (state.narrow) {
    return (
      <Popover trigger={["hover", "click"]} placement="rightTop" arrow={false} title={label} content={<GroupLinks group={group} current={state.current} />}>
        <button type="button" className={styles.group} data-current={mark} aria-label={label} aria-haspopup="true">
          {inner}
        </button>
      </Popover>
    );
  }
  return (
    <>
      <button type="button" className={styles.group} data-current={mark} aria-expanded={open} aria-controls={`nav-${group.key}`} onClick={onToggle}>
        {inner}
        <DownOutlined aria-hidden className={styles.arrow} data-open={open} />
      </button>
      {open ? <GroupLinks group={group} current={state.current} /> : null}
    </>
  );
}

const NARROW_KEY = "tandem.nav.narrow";

export function SideNav() {
  const { t } = useTranslation("app");
  const { pathname } = useLocation();
  const groups = visibleGroups(useCan());
  const active = activeEntry(groups, pathname);
  const [narrow, setNarrow] = useState(localStorage.getItem(NARROW_KEY) === "1");
  // The group one is in is open; clicking opens or closes others until one moves on to another group.
  const [toggled, setToggled] = useState<{ base: string | null; keys: readonly string[] }>({ base: null, keys: [] });
  const base = active?.group ?? null;
  const keys = toggled.base === base ? toggled.keys : [];
  const isOpen = (key: string) => (key === base) !== keys.includes(key);
  const toggle = (key: string) => setToggled({ base, keys: keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key] });
  const narrowNow = () => {
    localStorage.setItem(NARROW_KEY, narrow ? "0" : "1");
    setNarrow(!narrow);
  };
  return (
    <nav className={styles.nav} data-narrow={narrow} aria-label={t("nav.label")}>
      <Link to="/home" className={styles.brand} aria-label={`Tandem · ${t("nav.home")}`}>
        <Logo />
        <span className={styles.brandName}>Tandem</span>
      </Link>
      <ul className={`t-plain ${styles.groups}`}>
        {groups.map((group) => (
          <li key={group.key}>
            <NavGroup
              group={group}
              state={{ narrow, current: active?.to ?? null, currentGroup: base }}
              open={isOpen(group.key)}
              onToggle={() => toggle(group.key)}
            />
          </li>
        ))}
      </ul>
      <button type="button" className={styles.narrow} onClick={narrowNow} aria-pressed={narrow} aria-label={narrow ? t("nav.widen") : t("nav.narrow")}>
        {narrow ? <DoubleRightOutlined /> : <DoubleLeftOutlined />}
        <span className={styles.label}>{t("nav.narrow")}</span>
      </button>
    </nav>
  );
}
