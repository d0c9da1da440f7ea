import { AlertOutlined, ExperimentOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";

/** From the canvas to trying out, replaying, results and steering. */
export function SteerMenu({ flowId }: { flowId: string }) {
  const { t } = useTranslation("steer");
  const can = useCan();
  const pages = [...(can("flow.write") ? (["try"] as const) : []), "backtest", "results", "alerts"] as const;
  const items = pages.map((page) => ({ key: page, label: <Link to={`/flows/${flowId}/${page}`}>{t(`tabs.${page}`)}</Link> }));
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button icon={<ExperimentOutlined />}>{t("tabs.menu")}</Button>
    </Dropdown>
  );
}

/** From the list of flows to what needs a look. */
export function AlertsLink() {
  const { t } = useTranslation("steer");
  return (
    <Link to="/flow-alerts">
      <Button icon={<AlertOutlined />}>{t("alerts.title")}</Button>
    </Link>
  );
}
