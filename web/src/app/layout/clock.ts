import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api } from "@/shared/api";

export interface Clock {
  business_now: string;
  moving: boolean;
  target: string | null;
  /** Where a running move began. */
  began: string | null;
  /** Only a demo tenant's clock can be moved. */
  movable: boolean;
}

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
