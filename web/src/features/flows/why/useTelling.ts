import { useTranslation } from "@/shared/i18n";
import { repeats, telling } from "./facts";

/** What a step decided from, value by value, but for what only repeats the way she took. */
export function useTelling(facts: Record<string, unknown> | null | undefined, way: string | null): [string, unknown][] {
  const { t } = useTranslation("flows");
  return telling(facts).filter((fact) => !repeats(fact, way, (value) => t(`factValue.${value}`, { defaultValue: value })));
}
