import type { Schemas } from "@/shared/api";

export type Funnel = Schemas["SourceFunnel"];
export type Comparison = Schemas["Comparison"];
export type Convert = Schemas["ConvertOut"];
export type Spend = Schemas["SpendOut"];

export const STEPS = ["came", "friend", "member", "first_order", "second_order"] as const;
export type Step = (typeof STEPS)[number];
export type By = "source" | "channel";

/** The filters as they stand in the address; what is left out is the default. */
export const FILTERS = ["by", "from", "to", "credit", "within_days", "friends", "tag"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** A share of those who came; null where nobody did. */
export const shareOf = (funnel: Funnel, step: Step): number | null => (funnel.came === 0 ? null : funnel[step] / funnel.came);

/** What one who came cost; null where nothing was spent or nobody came. */
export function costEach(funnel: Funnel): number | null {
  const spent = Number(funnel.spend.amount);
  return spent > 0 && funnel.came > 0 ? spent / funnel.came : null;
}

/** Revenue for each unit spent; null where nothing was spent. */
export function returnOf(funnel: Funnel): number | null {
  const spent = Number(funnel.spend.amount);
  return spent > 0 ? Number(funnel.revenue.amount) / spent : null;
}

/** The busiest sources, for a chart that stays readable. */
export const charted = (sources: readonly Funnel[]): Funnel[] => sources.filter((one) => one.came > 0).slice(0, 8);
