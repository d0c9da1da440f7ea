import type { Schemas } from "@/shared/api";

export type ExportLine = Schemas["ExportLine"];
export type ExportChoices = Schemas["ExportChoices"];
export type ExportableList = Schemas["ExportableList"];

/** What a new export begins with: a list, and what narrows it. */
export interface Begun {
  list: string;
  filters: Record<string, string>;
}

export const STATUS_COLOURS: Record<ExportLine["status"], string> = {
  waiting: "warning",
  refused: "error",
  queued: "processing",
  running: "processing",
  done: "success",
  failed: "error",
  cancelled: "default",
  expired: "default",
};
