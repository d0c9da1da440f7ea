import type { Schemas } from "@/shared/api";

/** Values are decimal text: money off, or per cent. */
export type CouponTemplate = Schemas["CouponTemplate"];
export type CouponKind = CouponTemplate["kind"];
export type Coupon = Schemas["Coupon"];
export type NewCouponTemplate = Schemas["NewCouponTemplate"];
