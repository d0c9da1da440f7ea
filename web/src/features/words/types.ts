import type { Schemas } from "@/shared/api";

export type Word = Schemas["GuardedWordOut"];
export type Level = Word["level"];
export type Tried = Schemas["TextTried"];
export type Hit = Schemas["WordHitOut"];

export const LEVELS: readonly Level[] = ["block", "warn", "allow"];
export const COLOURS: Record<Level, string> = { block: "error", warn: "warning", allow: "default" };
