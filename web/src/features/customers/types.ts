import type { Schemas } from "@/shared/api";
import type { Words } from "@/shared/i18n";

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

/** A line of `GET /v1/customers/{id}/runs`. */
export interface RunLine {
  id: string;
  flow: { id: string; name: string };
  version: number;
  status: string;
  block: Words | string | null;
  entered_at: string;
  ended_at: string | null;
  goal_at: string | null;
}
