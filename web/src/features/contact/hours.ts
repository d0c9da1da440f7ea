import type { Hours, Seat, SeatOut } from "./types";

const DAYS = [1, 2, 3, 4, 5, 6, 7];

/** A new stretch of duty: working days, shop hours. */
export const SHOP_HOURS: Hours = { days: [1, 2, 3, 4, 5], from: "09:00", until: "21:00" };

/** `周一至周五 09:00–21:00`; days that follow one another are drawn together. */
export function hoursText(hours: Hours, day: (number: number) => string, to: string, comma: string): string {
  return `${daysText(hours.days, day, to, comma)} ${hours.from}–${hours.until}`;
}

export function daysText(days: readonly number[], day: (number: number) => string, to: string, comma: string): string {
  const runs: number[][] = [];
  for (const one of DAYS.filter((number) => days.includes(number))) {
    const last = runs.at(-1);
    if (last?.at(-1) === one - 1) last.push(one);
    else runs.push([one]);
  }
  return runs.map((run) => (run.length > 2 ? `${day(run[0] ?? 1)}${to}${day(run.at(-1) ?? 7)}` : run.map(day).join(comma))).join(comma);
}

/** What a form holds of an adviser behind a code, from what the server tells. */
export function seatOf(out: SeatOut): Seat {
  return { member: out.member, weight: out.weight, daily_cap: out.daily_cap ?? null, backup: out.backup, hours: out.hours.map((one) => ({ days: one.days, from: one.from, until: one.until })) };
}
