import { Fragment } from "react";
import type { Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { isMoment } from "./facts";
import { useTelling } from "./useTelling";

/** One value of what a step decided from, as a reader says it. */
function FactValue({ value }: { value: unknown }) {
  const { t } = useTranslation("flows");
  if (isMoment(value)) return <Time value={value} />;
  if (typeof value === "boolean") return <>{t(value ? "run.yes" : "run.no")}</>;
  if (typeof value === "number") return <>{formatNumber(value, Number.isInteger(value) ? 0 : 2)}</>;
  if (typeof value === "string") return <>{t(`factValue.${value}`, { defaultValue: value })}</>;
  return <>{value === null || value === undefined ? "—" : JSON.stringify(value)}</>;
}

interface Told {
  facts: Record<string, unknown> | null | undefined;
  called: Schemas["StepOut"]["fact_names"];
  names: ReadonlyMap<string, string>;
  className?: string | undefined;
  /** The way she took: what only repeats it is left out. */
  way: string | null;
}

/** What a step decided from, on one line; `called` by the catalogue, `names` are what the drawing calls its own values. */
export function FactLine({ facts, called, names, className, way }: Told) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const told = useTelling(facts, way);
  if (told.length === 0) return null;
  return (
    <span className={className}>
      {told.map(([name, value], index) => (
        <Fragment key={name}>
          {index > 0 ? " · " : ""}
          {names.get(name) ?? (called[name] ? say(called[name]) : null) ?? t(`fact.${name}`, { defaultValue: name })}{t("fact.colon")}<FactValue value={value} />
        </Fragment>
      ))}
    </span>
  );
}
