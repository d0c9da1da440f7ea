import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";

/** A value of a thing, by its field's type. */
export function Value({ type, value }: { type: string; value: unknown }) {
  const { t } = useTranslation("things");
  if (value === undefined || value === null) return <>—</>;
  if (typeof value === "boolean") return <>{t(value ? "yes" : "no")}</>;
  if (typeof value === "number") return <Num value={value} />;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return type === "timestamp" ? <Time value={text} /> : <>{text}</>;
}
