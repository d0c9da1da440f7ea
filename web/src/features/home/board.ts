import type { Schemas } from "@/shared/api";

/** One figure; values are decimal texts. */
export type BoardMetric = Schemas["BoardMetric"];
export type HomeBoard = Schemas["HomeBoard"];

/** Change against the period before as a share; null where there was nothing to compare with. */
export function change(total: string, before: string): number | null {
  const was = Number(before);
  return was === 0 ? null : (Number(total) - was) / Math.abs(was);
}

const PAGES: Record<string, string> = {
  revenue: "/orders",
  orders: "/orders",
  active_customers: "/customers",
  new_customers: "/customers",
  messages_sent: "/messages/outbox?state=sent",
  messages_held: "/messages/outbox?state=held",
  flow_entered: "/flows",
  flow_converted: "/flows",
  coupons_issued: "/coupons",
  coupons_redeemed: "/coupons",
};

const PERMISSIONS: Record<string, string> = {
  revenue: "order.read",
  orders: "order.read",
  active_customers: "customer.read",
  new_customers: "customer.read",
  messages_sent: "message.read",
  messages_held: "message.read",
  flow_entered: "flow.read",
  flow_converted: "flow.read",
  coupons_issued: "coupon.read",
  coupons_redeemed: "coupon.read",
};

export function pageBehind(key: string): { to: string; permission: string } | null {
  const to = PAGES[key];
  const permission = PERMISSIONS[key];
  return to && permission ? { to, permission } : null;
}

/** The rows behind one day of a figure: orders know their day, the rest leads to its list. */
export function dayBehind(key: string, day: string): string | null {
  if (key === "revenue" || key === "orders") return `/orders?from=${day}&to=${day}`;
  return PAGES[key] ?? null;
}
