import type { Schemas } from "@/shared/api";

export type Batch = Schemas["BatchOut"];
export type Claim = Schemas["ClaimOut"];
export type Platform = Schemas["PlatformRule"];
export type Code = Schemas["LiveCodeOut"];
export type Account = Schemas["ContactAccount"];

export const FUNNEL = ["printed", "scanned", "friends", "coupons", "used", "again"] as const;
