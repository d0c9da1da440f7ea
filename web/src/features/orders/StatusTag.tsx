import { Tag } from "antd";
import { useTranslation } from "@/shared/i18n";

const colours: Record<string, string> = { placed: "processing", paid: "success", completed: "success", cancelled: "default" };

export function StatusTag({ status }: { status: string }) {
  const { t } = useTranslation("orders");
  return <Tag color={colours[status] ?? "default"}>{t(`status.${status}`, { defaultValue: status })}</Tag>;
}
