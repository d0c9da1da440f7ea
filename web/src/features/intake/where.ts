import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useSay, useTranslation, type Words } from "@/shared/i18n";

const STEP = /([^.[\]]+)|\[(\d+)\]/g;

/** The steps of a place in a record, without its number in the call and the envelope around what it says: `events[0].payload.status` -> `status`. */
export function steps(where: string): (string | number)[] {
  const inside = where.replace(/^events\[\d+\]\.?/, "").replace(/^payload\.?/, "");
  return [...inside.matchAll(STEP)].map((found) => (found[2] === undefined ? (found[1] ?? "") : Number(found[2])));
}

/** A place in a record as a person says it: `lines[1].amount` -> "lines, no. 2, amount" in the reader's words; a field without a word keeps its own name. */
export function placeInWords(where: string, t: TFunction<"intake">): string {
  return steps(where)
    .map((step) => (typeof step === "number" ? t("place.number", { number: step + 1 }) : t(`place.field.${step}`, { defaultValue: step })))
    .join(t("place.then"));
}

/** One line for what is wrong and where: "Status: ...". Where the whole record is meant there is no place to name. */
export function useToldWhole(): (where: string, what: Words) => string {
  const { t } = useTranslation("intake");
  const say = useSay();
  return useCallback(
    (where, what) => {
      const place = placeInWords(where, t);
      return place ? t("place.told", { place, what: say(what) }) : say(what);
    },
    [t, say],
  );
}
