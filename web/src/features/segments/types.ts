import type { Words } from "@/shared/i18n";

/** A segment with how full it is. `filling` until everybody has been judged by this version. */
export interface Segment {
  id: string;
  name: string;
  description: string;
  kind: "live" | "static";
  version: number;
  text: string;
  plain?: Words | null;
  count: number;
  seen: number;
  status: "filling" | "ready" | "failed";
  as_of: string | null;
  problem: string | null;
  created_at: string;
  updated_at: string;
}

export interface Sample {
  id: string;
  name: string | null;
  phone?: string | null;
  since?: string | null;
}

export interface Preview {
  count: number;
  total?: number | null;
  samples: Sample[];
  took_ms: number;
}

/** One part of an expression with the value it had for one customer. */
export interface TracePart {
  text: string;
  plain?: Words | null;
  value: unknown;
  parts?: TracePart[];
}

export interface Explanation {
  matches: boolean;
  trace: TracePart;
}

export interface Tag {
  name: string;
  label: string;
  kind: "manual" | "computed";
  expression: string | null;
  colour?: string | null;
  customers?: number | null;
  count?: number | null;
}
