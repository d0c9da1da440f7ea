import type { Schemas } from "@/shared/api";

export type Traffic = Schemas["TrafficSource"];
export type TrafficFunnel = Schemas["TrafficFunnel"];

export const TRAFFIC = ["reached", "friend", "first_order", "second_order"] as const;
export type TrafficStep = (typeof TRAFFIC)[number];

/** What one person of a step cost; null where nothing was spent or nobody came so far. */
export function stepCost(one: Traffic, step: TrafficStep): number | null {
  const spent = Number(one.spend.amount);
  return spent > 0 && one[step] > 0 ? spent / one[step] : null;
}
