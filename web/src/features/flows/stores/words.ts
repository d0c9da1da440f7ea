import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import type { Setting, StoreValue, Wrong } from "./values";

/** Values, limits and refusals of stores' settings as a reader says them. */
export function useStoreWords() {
  const { t } = useTranslation("steer");
  const number = (value: number) => formatNumber(value, Number.isInteger(value) ? 0 : 2);
  const value = (given: StoreValue) => {
    if (typeof given === "boolean") return t(given ? "stores.on" : "stores.off");
    if (typeof given === "number") return number(given);
    return given === "" ? t("stores.nothing") : given;
  };
  const limit = ({ type, least, most, length }: Setting) => {
    if (type === "bool") return t("stores.type.bool");
    if (type === "text") return t("stores.limit.long", { n: number(length) });
    if (least !== null && most !== null) return t("stores.limit.between", { low: number(least), high: number(most) });
    if (least !== null) return t("stores.limit.least", { low: number(least) });
    return most !== null ? t("stores.limit.most", { high: number(most) }) : t("stores.limit.none");
  };
  const wrong = (found: Wrong) => {
    if (found.code === "long") return t("stores.limit.long", { n: number(found.n) });
    if (found.code === "between") return t("stores.limit.between", { low: number(found.low), high: number(found.high) });
    return found.code === "least" ? t("stores.limit.least", { low: number(found.low) }) : t("stores.limit.most", { high: number(found.high) });
  };
  return { value, limit, wrong };
}
