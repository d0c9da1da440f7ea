import type { Schemas } from "@/shared/api";

export type Webhook = Schemas["WebhookOut"];
export type MadeWebhook = Schemas["MadeWebhook"];
export type Delivery = Schemas["DeliveryLine"];
export type DeliveryWhole = Schemas["DeliveryOut"];
export type EventType = Schemas["EventTypeOut"];
export type Draft = Schemas["NewWebhook"];
