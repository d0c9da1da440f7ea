import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";

/** What a request weighs, as the server keeps it with the request. */
export interface Weight {
  people: number;
  cost: string | null;
  human: string[];
  reasons: ("people" | "cost" | "human")[];
  people_max?: number | null;
  cost_max?: string | null;
}

/** Why a second person is asked, as one sentence. */
export function useReasons(): (weight: Weight) => string {
  const { t } = useTranslation("flows");
  const money = (amount: string | null | undefined) => formatNumber(Number(amount ?? 0));
  const said = (weight: Weight, reason: Weight["reasons"][number]) => {
    if (reason === "people") return t("approval.because.people", { n: formatNumber(weight.people), max: formatNumber(weight.people_max ?? 0) });
    if (reason === "cost") return weight.cost === null ? t("approval.because.endless", { max: money(weight.cost_max) }) : t("approval.because.cost", { cost: money(weight.cost), max: money(weight.cost_max) });
    return t("approval.because.human");
  };
  return (weight) => weight.reasons.map((reason) => said(weight, reason)).join(t("approval.and"));
}
