import { Tag } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { MassSend } from "./types";

const COLOURS: Partial<Record<MassSend["status"], string>> = { gathering: "processing", checking: "processing", checked: "gold", booking: "processing", making: "processing", running: "blue", done: "success" };

/** How many of a mass message stand in one of some states. */
export function count(send: MassSend, ...states: string[]): number {
  return send.counts.filter((one) => states.includes(one.state)).reduce((sum, one) => sum + one.n, 0);
}

export function Status({ send }: { send: MassSend }) {
  const { t } = useTranslation("sending");
  const quiet = send.status === "booking" && send.counts.some((one) => one.reason === "quiet_hours");
  return <Tag color={COLOURS[send.status] ?? "default"}>{t(quiet ? "status.quiet" : `status.${send.status}`)}</Tag>;
}
