import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";

/** The ways from the canvas to trying out, replaying, results and steering, as a menu's items. */
export function useSteerItems(flowId: string) {
  const { t } = useTranslation("steer");
  const can = useCan();
  const pages = [...(can("flow.write") ? (["try"] as const) : []), "backtest", "results", "alerts", ...(can("flow.adapt") ? (["stores"] as const) : [])] as const;
  return pages.map((page) => ({ key: page, label: <Link to={`/flows/${flowId}/${page}`}>{t(`tabs.${page}`)}</Link> }));
}
