import { Tag } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { OrderStatus } from "./types";

const colours: Record<OrderStatus, string> = { placed: "processing", paid: "success", completed: "success", cancelled: "default" };

export function StatusTag({ status }: { status: OrderStatus }) {
  const { t } = useTranslation("orders");
  return <Tag color={colours[status]}>{t(`status.${status}`)}</Tag>;
}
