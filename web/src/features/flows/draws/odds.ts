import type { Schemas } from "@/shared/api";

type Draw = Pick<Schemas["LotteryDraw"], "odds" | "prize">;

/** Numbers are drawn from 0 up to this; odds are per cent with three decimals. */
const WHOLE = 100_000;

/** The prize drawn, null for nothing. */
export function prizeOf(draw: Draw): Draw["odds"][number] | null {
  return draw.odds[draw.prize] ?? null;
}

export interface Share {
  /** Null: nothing is won. */
  label: string | null;
  from: number;
  until: number;
}

/** Which numbers won what when it was drawn. */
export function shareOf(draw: Draw): Share[] {
  let from = 0;
  const shares: Share[] = draw.odds.map((one) => {
    const until = from + Math.round((Number(one.odds) / 100) * WHOLE);
    const share = { label: one.label, from, until: until - 1 };
    from = until;
    return share;
  });
  return from < WHOLE ? [...shares, { label: null, from, until: WHOLE - 1 }] : shares;
}
