import type { Schemas } from "@/shared/api";

export type MessageTemplate = Schemas["MessageTemplate"];
export type MessageClass = MessageTemplate["message_class"];
export type Message = Schemas["Message"];
export type StateCount = Schemas["StateCount"];
/** A message as it arrived on a simulated phone. */
export type PhoneText = Schemas["PhoneText"];
/** Quiet hours are the tenant's local time, `22:00:00`. */
export type FrequencyCap = Schemas["FrequencyCap"];
export type Placeholder = Schemas["Placeholder"];
export type ChannelState = Schemas["SimulatedState"];

export const STATUSES = ["sent", "held", "planned", "released", "sending", "failed", "unknown", "cancelled"] as const;

export const STATUS_COLOURS: Record<string, string> = { sent: "success", held: "warning", failed: "error", unknown: "error", sending: "processing", released: "processing" };
