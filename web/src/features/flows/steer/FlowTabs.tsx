import { NavLink } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useFlow } from "../api";
import styles from "./Steer.module.css";

const TABS = [
  { key: "try", permission: "flow.write" },
  { key: "backtest", permission: "flow.read" },
  { key: "results", permission: "flow.read" },
  { key: "alerts", permission: "flow.read" },
  { key: "stores", permission: "flow.adapt" },
] as const;

const DRAWS = { key: "draws", permission: "coupon.read" } as const;
const LOTTERY = "marketing.lottery";

/** The rooms around a canvas: try it, replay the past, see what came of it, steer it. */
export function FlowTabs({ flowId }: { flowId: string }) {
  const { t } = useTranslation("steer");
  const can = useCan();
  const drawn = useFlow(flowId).data?.draft.blocks.some((block) => block.kind === LOTTERY) ?? false;
  const tabs = drawn ? [...TABS, DRAWS] : TABS;
  return (
    <nav className={styles.tabs} aria-label={t("tabs.title")}>
      <NavLink end to={`/flows/${flowId}`}>
        {t("tabs.canvas")}
      </NavLink>
      {tabs.filter((tab) => can(tab.permission)).map((tab) => (
        <NavLink key={tab.key} to={`/flows/${flowId}/${tab.key}`}>
          {t(`tabs.${tab.key}`)}
        </NavLink>
      ))}
    </nav>
  );
}
