import { NavLink } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import styles from "./Steer.module.css";

const TABS = [
  { key: "try", permission: "flow.write" },
  { key: "backtest", permission: "flow.read" },
  { key: "results", permission: "flow.read" },
  { key: "alerts", permission: "flow.read" },
  { key: "stores", permission: "flow.adapt" },
] as const;

/** The rooms around a canvas: try it, replay the past, see what came of it, steer it. */
export function FlowTabs({ flowId }: { flowId: string }) {
  const { t } = useTranslation("steer");
  const can = useCan();
  return (
    <nav className={styles.tabs} aria-label={t("tabs.title")}>
      <NavLink end to={`/flows/${flowId}`}>
        {t("tabs.canvas")}
      </NavLink>
      {TABS.filter((tab) => can(tab.permission)).map((tab) => (
        <NavLink key={tab.key} to={`/flows/${flowId}/${tab.key}`}>
          {t(`tabs.${tab.key}`)}
        </NavLink>
      ))}
    </nav>
  );
}
