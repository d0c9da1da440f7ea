import { useCallback } from "react";
import { useTranslation } from "@/shared/i18n";

/** Where something came from, in words; the names people gave their own systems stay as they are. */
export function useSourceName(): (source: string | null | undefined) => string {
  const { t } = useTranslation("shared");
  return useCallback((source) => (source ? t(`source.${source.split(":")[0]}`, { defaultValue: source }) : t("word.missing")), [t]);
}
