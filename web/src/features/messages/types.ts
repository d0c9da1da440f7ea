export type MessageClass = "marketing" | "transactional";

export interface MessageTemplate {
  id: string;
  name: string;
  channel: string;
  message_class: MessageClass;
  body: string;
  placeholders: string[];
  archived: boolean;
  updated_at: string;
}

export interface Message {
  id: string;
  customer_id: string;
  template_id: string;
  template: string;
  channel: string;
  message_class: MessageClass;
  status: string;
  reason: string | null;
  planned_at: string;
  release_at: string;
  finished_at: string | null;
  flow_id: string | null;
  run_id: string | null;
  block: string | null;
}

export interface StateCount {
  status: string;
  reason: string | null;
  n: number;
}

/** A message as it arrived on a simulated phone. */
export interface PhoneText {
  id: string;
  customer_id: string;
  template_id: string | null;
  delivered_at: string;
  text: string;
}

export interface FrequencyCap {
  per_day: number | null;
  per_week: number | null;
  per_month: number | null;
  /** `22:00:00`, tenant's local time. */
  quiet_from: string | null;
  quiet_until: string | null;
}

export const STATUSES = ["sent", "held", "planned", "released", "sending", "failed", "unknown", "cancelled"] as const;

export const STATUS_COLOURS: Record<string, string> = { sent: "success", held: "warning", failed: "error", unknown: "error", sending: "processing", released: "processing" };
