/** A segment with how full it is. `filling` until everybody has been judged by this version. */
export interface Segment {
  id: string;
  name: string;
  description: string;
  kind: "live" | "static";
  version: number;
  text: string;
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
  city?: string | null;
  phone?: string | null;
  since?: string | null;
}

export interface Preview {
  count: number;
  samples: Sample[];
  took_ms: number;
}

/** One part of an expression with its answer for one customer, and the values it looked at. */
export interface Part {
  kind: "and" | "or" | "not" | "condition";
  text: string;
  holds: boolean;
  values: { text: string; value: unknown }[];
  parts: Part[];
}

export interface Explanation {
  is_member: boolean;
  since: string | null;
  /** When time alone may next change the answer. */
  next_change_at: string | null;
  why: Part;
}

export interface Tag {
  name: string;
  label: string;
  kind: "manual" | "computed";
  expression: string | null;
  colour?: string | null;
  count: number;
}
