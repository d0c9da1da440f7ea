import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, type Schemas } from "@/shared/api";

/** `began` and `target` are the ends of a running move; only a demo tenant's clock is movable. */
export type Clock = Schemas["Clock"];

export const CLOCK_KEY = ["/clock"] as const;

export function useClockQuery() {
  return useQuery({
    queryKey: CLOCK_KEY,
    queryFn: ({ signal }) => api.get<Clock>("/clock", undefined, signal),
    staleTime: 60_000,
  });
}

export const ClockContext = createContext<Clock | null>(null);

export function useClock(): Clock | null {
  return useContext(ClockContext);
}

/** Share of a running move that is behind us, 0 to 1. */
export function moveProgress(clock: Clock): number {
  if (!clock.moving || !clock.target || !clock.began) return 0;
  const from = Date.parse(clock.began);
  const span = Date.parse(clock.target) - from;
  if (span <= 0) return 1;
  return Math.min(1, Math.max(0, (Date.parse(clock.business_now) - from) / span));
}
