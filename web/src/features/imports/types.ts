import type { Schemas } from "@/shared/api";

export type ImportLine = Schemas["ImportLine"];
/** `mapping`: field -> column number from zero. */
export type ImportDetail = Schemas["ImportDetail"];
export type QuarantineItem = Schemas["QuarantineItem"];
export type FailedEventLine = Schemas["FailedEventLine"];
export type ImportKind = "customer" | "order";
export type ImportState = ImportLine["state"];

export const STATE_COLOURS: Record<ImportState, string> = { uploaded: "warning", queued: "processing", running: "processing", done: "success", failed: "error", cancelled: "default" };
