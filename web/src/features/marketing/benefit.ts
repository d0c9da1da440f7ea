import { formatDate, formatMoney } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import type { CouponTemplate } from "./types";

/** What a coupon gives and how long it holds, in a reader's words. */
export function useBenefit() {
  const { t } = useTranslation("marketing");
  const { zone } = useMe().tenant;
  const benefit = (one: CouponTemplate): string => {
    if (one.kind === "gift") return t("benefit.gift", { gift: one.gift ?? "" });
    // An outside system issues it and did not say: no figure is better than a wrong one.
    if (one.value === null) return t("benefit.unknown");
    if (one.kind === "percent") return t("benefit.percent", { value: Number(one.value) });
    const value = formatMoney(one.value, one.currency);
    return Number(one.threshold) > 0 ? t("benefit.amount", { threshold: formatMoney(one.threshold, one.currency), value }) : t("benefit.amountPlain", { value });
  };
  const validity = (one: CouponTemplate): string => {
    if (one.valid_days !== null) return t("valid.days", { count: one.valid_days });
    return one.valid_until ? t("valid.until", { date: formatDate(one.valid_until, zone) }) : "—";
  };
  return { benefit, validity };
}
