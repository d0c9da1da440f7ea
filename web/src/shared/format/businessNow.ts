import { createContext, useContext } from "react";

/** The tenant's business time (ISO 8601), which a demo may move; null before the clock is known. */
export const BusinessNowContext = createContext<string | null>(null);

export function useBusinessNow(): Date {
  const now = useContext(BusinessNowContext);
  return now ? new Date(now) : new Date();
}

const APART_MS = 5 * 60_000;

/** Whether business time has left the machine's clock, so that a reader may wonder which of the two a time is. */
export function useClockMoved(): boolean {
  const now = useContext(BusinessNowContext);
  return now !== null && Math.abs(Date.parse(now) - Date.now()) > APART_MS;
}
