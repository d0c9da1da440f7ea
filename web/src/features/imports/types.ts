import type { Schemas } from "@/shared/api";

export type ImportLine = Schemas["ImportLine"];
/** `mapping`: field -> column number from zero. */
export type ImportDetail = Schemas["ImportDetail"];
export type ImportPreview = Schemas["ImportPreview"];
export type RefusedRow = Schemas["RefusedRow"];
export type ImportSource = Schemas["SourceBody"];
export type QuarantineItem = Schemas["QuarantineItem"];
export type FailedEventLine = Schemas["FailedEventLine"];
export type ImportKind = "customer" | "order";
export type ImportState = ImportLine["state"];

export const STATE_COLOURS: Record<ImportState, string> = {
  reading: "processing",
  uploaded: "warning",
  queued: "processing",
  running: "processing",
  done: "success",
  failed: "error",
  cancelled: "default",
  undoing: "processing",
  undone: "default",
  undo_failed: "error",
};

/** What is chosen before an import is started. */
export interface Choice {
  mapping: Record<string, number>;
  cleaning: string[];
}

export function isBusy(state: ImportState): boolean {
  return state === "reading" || state === "queued" || state === "running" || state === "undoing";
}

export function percentOf(one: ImportLine): number {
  const total = one.total ?? 0;
  return total > 0 ? Math.min(100, Math.floor((one.done / total) * 100)) : 0;
}
