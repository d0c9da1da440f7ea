import type { Words } from "@/shared/i18n";

export type ImportKind = "customer" | "order";
export type ImportState = "uploaded" | "queued" | "running" | "done" | "failed" | "cancelled";

export interface ImportLine {
  id: string;
  kind: ImportKind;
  file_name: string;
  state: ImportState;
  rows_total: number;
  rows_done: number;
  accepted: number;
  duplicates: number;
  updates: number;
  refused: number;
  error: Words | null;
  created_at: string;
  finished_at: string | null;
}

export interface ImportDetail extends ImportLine {
  encoding: string;
  delimiter: string;
  source: string;
  header: string[];
  /** Field -> column number from zero. */
  mapping: Record<string, number>;
  fields: { name: string; label: Words; required: boolean }[];
  sample: string[][];
  problems: { row: number; what: Words }[];
}

export const STATE_COLOURS: Record<ImportState, string> = { uploaded: "warning", queued: "processing", running: "processing", done: "success", failed: "error", cancelled: "default" };
