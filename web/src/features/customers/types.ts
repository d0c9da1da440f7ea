import type { Amount } from "@/shared/format";
import type { Words } from "@/shared/i18n";

export interface Named {
  id: string;
  name: string;
}

/** A line of `GET /v1/customers`. */
export interface CustomerLine {
  id: string;
  name: string | null;
  phone: string | null;
  member_no: string | null;
  city: string | null;
  store: Named | null;
  stage: string | null;
  level: string | null;
  tags: string[];
  order_count: number;
  spend_total: Amount | null;
  last_order_at: string | null;
}

export interface Identifier {
  kind: string;
  scope: string;
  /** Masked: `138****2231`. */
  masked: string;
  source: string;
  origin_id: string;
  first_seen_at: string;
  last_seen_at: string;
}

export interface CustomerTag {
  tag: string;
  label: string | null;
  source: string;
  set_at: string;
  until: string | null;
}

export interface Profile {
  order_count: number;
  spend_total: Amount | null;
  refund_total: Amount | null;
  first_order_at: string | null;
  last_order_at: string | null;
  last_visit_at: string | null;
  average_order_value: Amount | null;
  rfm_r: number | null;
  rfm_f: number | null;
  rfm_m: number | null;
  rfm_score: number | null;
  favourite_category: string | null;
}

/** The answer of `GET /v1/customers/{id}`. */
export interface Customer {
  id: string;
  name: string | null;
  phone: string | null;
  gender: string | null;
  birthday: string | null;
  city: string | null;
  district: string | null;
  store: Named | null;
  owner: Named | null;
  stage: string | null;
  level: string | null;
  do_not_contact: boolean;
  first_seen_at: string | null;
  created_at: string;
  merged_into: string | null;
  tags: CustomerTag[];
  identifiers: Identifier[];
  profile: Profile | null;
  segments: { id: string; name: string; since: string }[];
  attrs: Record<string, unknown>;
}

/** A line of `GET /v1/customers/{id}/timeline`. */
export interface TimelineEntry {
  event_id: string;
  type: string;
  label: Words;
  occurred_at: string;
  summary: Words | null;
  backfill: boolean;
  payload: Record<string, unknown>;
}

export interface PointsLot {
  id: string;
  remaining: number;
  earned: number;
  earned_at: string;
  expires_at: string | null;
}

export interface PointsEntry {
  id: string;
  /** Double entry: points move from one account to another. */
  from_account: string;
  to_account: string;
  amount: number;
  posted_at: string;
  reason: string;
}

export interface Points {
  balance: number;
  lots: PointsLot[];
  entries: PointsEntry[];
}

export interface CouponLine {
  id: string;
  code: string;
  template_id: string;
  template: string;
  status: string;
  issued_at: string;
  expires_at: string;
  redeemed_at: string | null;
}

export interface RunLine {
  id: string;
  flow: Named;
  version: number;
  status: string;
  block: string | null;
  entered_at: string;
  ended_at: string | null;
  goal_at: string | null;
}

export interface MergeLine {
  id: string;
  survivor: { id: string; name: string | null };
  loser: { id: string; name: string | null };
  at: string;
  by: string | null;
  undone_at: string | null;
  rule: Words;
}

export interface DuplicatePair {
  first: CustomerLine;
  second: CustomerLine;
  reason: Words;
}
