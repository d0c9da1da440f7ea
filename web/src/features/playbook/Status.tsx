import { Tag } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { Playbook, Step } from "./types";

const COLORS = { draft: "default", running: "processing", paused: "warning", ended: "default" } as const;
const STEPS = { waiting: "default", begun: "processing", done: "success", missed: "error", cancelled: "default" } as const;

export function Status({ playbook }: { playbook: Playbook }) {
  const { t } = useTranslation("playbook");
  return <Tag color={COLORS[playbook.status]}>{t(`status.${playbook.status}`)}</Tag>;
}

export function StepState({ step }: { step: Step }) {
  const { t } = useTranslation("playbook");
  return <Tag color={STEPS[step.state]}>{t(`stepState.${step.state}`)}</Tag>;
}
