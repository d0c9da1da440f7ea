import { AlertOutlined, ExperimentOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useSteerItems } from "./useSteerItems";

/** From the canvas to trying out, replaying, results and steering. */
export function SteerMenu({ flowId }: { flowId: string }) {
  const { t } = useTranslation("steer");
  const items = useSteerItems(flowId);
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
