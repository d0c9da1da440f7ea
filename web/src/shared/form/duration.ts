export type DurationUnit = "minutes" | "hours" | "days" | "weeks";

const SECONDS: Record<DurationUnit, number> = { minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 };
export const DURATION_UNITS = Object.keys(SECONDS) as DurationUnit[];

/** Seconds of an ISO 8601 duration as pydantic writes it (`P7DT2H`, `PT0S`), of `7 days`, or of a plain number. */
export function toSeconds(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const iso = /^P(?:(\d+)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value);
  if (iso) {
    const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = iso.slice(1).map((part) => Number(part || 0));
    return weeks * 604_800 + days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
  }
  const words = /^(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?$/.exec(value);
  if (!words) return null;
  const unit = `${words[2] ?? ""}s`;
  return Number(words[1]) * (unit === "seconds" ? 1 : SECONDS[unit as DurationUnit]);
}

/** The largest unit that gives a whole number: 172800 -> 2 days. */
export function split(seconds: number): { amount: number; unit: DurationUnit } {
  for (const unit of ["weeks", "days", "hours"] as const) {
    if (seconds > 0 && seconds % SECONDS[unit] === 0 && !(unit === "weeks" && seconds < 2 * SECONDS.weeks)) return { amount: seconds / SECONDS[unit], unit };
  }
  return { amount: seconds / 60, unit: "minutes" };
}

export function joinSeconds(amount: number, unit: DurationUnit): number {
  return Math.round(amount * SECONDS[unit]);
}

/** Written back in the form it came in: a number stays seconds, `7 days` stays words, the rest is ISO 8601. */
export function like(before: unknown, amount: number, unit: DurationUnit): number | string {
  if (typeof before === "number") return joinSeconds(amount, unit);
  if (typeof before === "string" && /[a-z]/.test(before)) return `${amount} ${unit}`;
  return `PT${joinSeconds(amount, unit)}S`;
}
