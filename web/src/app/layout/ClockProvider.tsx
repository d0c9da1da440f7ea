import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { BusinessNowContext } from "@/shared/format";
import { useLive } from "@/shared/live";
import { useMe } from "@/shared/session";
import { CLOCK_KEY, ClockContext, useClockQuery, type Clock } from "./clock";

const MINUTE = 60_000;
const topics = ["clock"];

/** Business time for the whole application: what the server last said, plus the machine time since. */
export function ClockProvider({ children }: { children: ReactNode }) {
  const me = useMe();
  const client = useQueryClient();
  const query = useClockQuery();
  const [elapsed, setElapsed] = useState(0);
  const readAt = query.dataUpdatedAt;

  useLive(topics, (message) => {
    if (message.topic !== "clock") return;
    const before = client.getQueryData<Clock>(CLOCK_KEY);
    const next = message.data as Clock | null;
    if (!next) {
      void client.invalidateQueries({ queryKey: CLOCK_KEY });
      return;
    }
    client.setQueryData(CLOCK_KEY, next);
    // Days have passed: everything on screen may be out of date.
    if (before?.moving && !next.moving) void client.invalidateQueries({ predicate: (one) => one.queryKey[0] !== CLOCK_KEY[0] });
  });

  useEffect(() => {
    const tick = () => setElapsed(readAt ? Math.max(0, Date.now() - readAt) : 0);
    tick();
    const timer = setInterval(tick, MINUTE);
    return () => clearInterval(timer);
  }, [readAt]);

  const base = query.data?.business_now ?? me.business_now;
  const now = useMemo(() => {
    const time = Date.parse(base);
    return Number.isNaN(time) ? base : new Date(time + (query.data?.moving ? 0 : elapsed)).toISOString();
  }, [base, elapsed, query.data?.moving]);
  const clock = useMemo<Clock>(
    () => ({ moving: false, target: null, began: null, movable: false, ...query.data, business_now: now }),
    [query.data, now],
  );
  return (
    <ClockContext value={clock}>
      <BusinessNowContext value={now}>{children}</BusinessNowContext>
    </ClockContext>
  );
}
