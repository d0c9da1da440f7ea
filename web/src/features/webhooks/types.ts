import type { Schemas } from "@/shared/api";

export type Webhook = Schemas["WebhookOut"];
export type MadeWebhook = Schemas["MadeWebhook"];
export type Delivery = Schemas["DeliveryLine"];
export type DeliveryWhole = Schemas["DeliveryOut"];
export type EventType = Schemas["EventTypeOut"];
export type Draft = Schemas["NewWebhook"];

/** The receiver that needs no network (`stream/webhooks/simulated.py`), and how each of its addresses answers. */
export const SIMULATED = "https://simulated.invalid/";
export const MANNERS = ["ok", "busy", "error", "timeout", "gone"] as const;
