import type { Dayjs } from "dayjs";

export type Span = [Dayjs, Dayjs] | null;

/** What is asked for two stretches of days: both days are meant whole, whatever the hour they were picked at; the end is exclusive. */
export function periods(first: Span, second: Span): Record<string, string> | null {
  if (!first || !second) return null;
  const since = (span: [Dayjs, Dayjs]) => span[0].startOf("day").toISOString();
  const until = (span: [Dayjs, Dayjs]) => span[1].add(1, "day").startOf("day").toISOString();
  return { first_since: since(first), first_until: until(first), second_since: since(second), second_until: until(second) };
}
