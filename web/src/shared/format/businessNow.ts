import { createContext, useContext } from "react";

/** The tenant's business time (ISO 8601), which a demo may move; null before the clock is known. */
export const BusinessNowContext = createContext<string | null>(null);

export function useBusinessNow(): Date {
  const now = useContext(BusinessNowContext);
  return now ? new Date(now) : new Date();
}
