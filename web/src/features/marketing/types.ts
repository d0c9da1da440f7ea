export type CouponKind = "amount" | "percent" | "gift";

export interface CouponTemplate {
  id: string;
  name: string;
  external_code: string | null;
  kind: CouponKind;
  /** Decimal text: money off, or per cent. */
  value: string;
  gift: string | null;
  threshold: string;
  currency: string;
  valid_days: number | null;
  valid_until: string | null;
  per_customer_limit: number | null;
  quota: number | null;
  issued: number;
  redeemed: number;
  archived: boolean;
  created_at: string;
}

export interface Coupon {
  id: string;
  code: string;
  template_id: string;
  template: string;
  customer_id: string;
  status: "issued" | "redeemed" | "expired" | "revoked";
  issued_at: string;
  expires_at: string;
  redeemed_at: string | null;
  run_id: string | null;
}
