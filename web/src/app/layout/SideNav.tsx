import { DoubleLeftOutlined, DoubleRightOutlined } from "@ant-design/icons";
import { useState, type KeyboardEvent } from "react";
import { Link, useLocation } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { activeEntry, visibleGroups } from "../navigation";
import { Logo } from "./Logo";
import { NavGroup } from "./NavGroup";
import { moveFocus } from "./navKeys";
import styles from "./SideNav.module.css";

const NARROW_KEY = "tandem.nav.narrow";
/** A phone, or a tablet held upright: the names would take the room of the page, so they wait to be asked for. */
const small = window.matchMedia("(width < 900px)");

function onKey(event: KeyboardEvent<HTMLElement>): void {
  if (!event.altKey && !event.ctrlKey && !event.metaKey && moveFocus(event.currentTarget, event.key)) event.preventDefault();
}

export function SideNav() {
  const { t } = useTranslation("app");
  const { pathname } = useLocation();
  const groups = visibleGroups(useCan());
  const active = activeEntry(groups, pathname);
  const [narrow, setNarrow] = useState(small.matches || localStorage.getItem(NARROW_KEY) === "1");
  // The group one is in is open; clicking opens or closes others until one moves on to another group.
  const [toggled, setToggled] = useState<{ base: string | null; keys: readonly string[] }>({ base: null, keys: [] });
  const base = active?.group ?? null;
  const keys = toggled.base === base ? toggled.keys : [];
  const isOpen = (key: string) => (key === base) !== keys.includes(key);
  const toggle = (key: string) => setToggled({ base, keys: keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key] });
  const narrowNow = () => {
    if (!small.matches) localStorage.setItem(NARROW_KEY, narrow ? "0" : "1");
    setNarrow(!narrow);
  };
  return (
    <nav className={styles.nav} data-narrow={narrow} aria-label={t("nav.label")}>
      <Link to="/home" className={styles.brand} aria-label={`Tandem · ${t("nav.home")}`}>
        <Logo />
        <span className={styles.brandName}>Tandem</span>
      </Link>
      {/* What is used are the links and buttons inside; arrow keys are a second way to move among them. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul className={`t-plain ${styles.groups}`} onKeyDown={onKey}>
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
