import type { Language } from "@/shared/i18n";

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, ...options });
    formatters.set(key, found);
  }
  return found;
}

const date: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

function valid(time: string | Date): Date | null {
  const value = typeof time === "string" ? new Date(time) : time;
  return Number.isNaN(value.getTime()) ? null : value;
}

/** `2017-12-24 18:05` in the tenant's zone. */
export function formatTime(time: string | Date, zone: string): string {
  const value = valid(time);
  return value ? formatter(zone, { ...date, ...clock }).format(value) : String(time);
}

/** `2017-12-24`; a plain date (no clock time in it) is not moved between zones. */
export function formatDate(time: string | Date, zone: string): string {
  if (typeof time === "string" && /^\d{4}-\d{2}-\d{2}$/.test(time)) return time;
  const value = valid(time);
  return value ? formatter(zone, date).format(value) : String(time);
}

export function formatClock(time: string | Date, zone: string): string {
  const value = valid(time);
  return value ? formatter(zone, clock).format(value) : String(time);
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 天前" / "in 2 hours", counted from the tenant's business time, which a demo may have moved. */
export function formatRelative(time: string | Date, now: string | Date, language: Language): string {
  const a = valid(time);
  const b = valid(now);
  if (!a || !b) return "";
  const seconds = (a.getTime() - b.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(language === "zh" ? "zh-CN" : "en", { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(0, "minute");
}

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function offsetAt(moment: Date, zone: string): number {
  const wall = formatter(zone, { ...date, ...clock, second: "2-digit" }).format(moment).replace(" ", "T");
  return Date.parse(`${wall}Z`) - Math.floor(moment.getTime() / 1000) * 1000;
}

/** The moment a local day begins, as UTC text: `2017-10-02` in Shanghai is `2017-10-01T16:00:00.000Z`. */
export function dayStart(day: string, zone: string): string {
  const naive = Date.parse(`${day}T00:00:00Z`);
  const guess = new Date(naive - offsetAt(new Date(naive), zone));
  // Once more, for the days on which the clocks change.
  return new Date(naive - offsetAt(guess, zone)).toISOString();
}

/** The moment the next local day begins: the open end of a range that includes `day`. */
export function dayEnd(day: string, zone: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return dayStart(next, zone);
}
