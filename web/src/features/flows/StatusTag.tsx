import { EditOutlined, HourglassOutlined, PauseCircleOutlined, PlayCircleOutlined, StopOutlined } from "@ant-design/icons";
import { useTranslation } from "@/shared/i18n";
import type { FlowStatus } from "./api";
import styles from "./StatusTag.module.css";

const ICONS = { draft: <EditOutlined />, running: <PlayCircleOutlined />, paused: <PauseCircleOutlined />, draining: <HourglassOutlined />, stopped: <StopOutlined /> } as const;

/** A flow's state by word, shape and colour together. */
export function StatusTag({ status }: { status: FlowStatus }) {
  const { t } = useTranslation("flows");
  return (
    <span className={styles.tag} data-status={status}>
      {ICONS[status]} {t(`status.${status}`)}
    </span>
  );
}
