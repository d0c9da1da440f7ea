import { Tag, Tooltip } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { Segment } from "./types";

const colours = { filling: "processing", ready: "success", failed: "error" } as const;

export function StatusTag({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  return (
    <Tooltip title={segment.problem}>
      <Tag color={colours[segment.status]}>{t(`status.${segment.status}`)}</Tag>
    </Tooltip>
  );
}
