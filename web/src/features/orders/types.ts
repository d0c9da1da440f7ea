import type { Schemas } from "@/shared/api";

export type OrderLine = Schemas["OrderItem"];
export type OrderItem = Schemas["OrderLine"];
export type Order = Schemas["OrderDetail"];

export const STATUSES = ["placed", "paid", "completed", "cancelled"] as const;
