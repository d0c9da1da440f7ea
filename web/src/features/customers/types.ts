import type { Schemas } from "@/shared/api";

export type CustomerLine = Schemas["CustomerLine"];
export type Identifier = Schemas["IdentifierOut"];
export type Customer = Schemas["CustomerOut"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type PointsLot = Schemas["PointsLot"];
export type PointsEntry = Schemas["PointsEntry"];
export type Points = Schemas["Points"];
export type CouponLine = Schemas["Coupon"];
export type MergeLine = Schemas["MergeLine"];
export type DuplicatePair = Schemas["PairLine"];
export type PersonLine = Schemas["PersonLine"];

/** `done` at once; `moving` or `queued` when much history goes on moving in the background. */
export type Command = Schemas["CommandAnswer"];

export type RunLine = Schemas["RunLine"];
export type StuckLine = Schemas["StuckLine"];
export type RefusedLine = Schemas["RefusedLine"];
