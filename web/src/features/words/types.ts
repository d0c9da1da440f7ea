import type { Schemas } from "@/shared/api";

export type Word = Schemas["GuardedWordOut"];
export type Level = Word["level"];
export type Tried = Schemas["TextTried"];
export type Hit = Schemas["WordHitOut"];

export const LEVELS: readonly Level[] = ["block", "warn", "allow"];
export const COLOURS: Record<Level, string> = { block: "error", warn: "warning", allow: "default" };

export type InterceptAccount = Schemas["InterceptAccountOut"];
export const SEMANTICS: readonly InterceptAccount["semantics"][number][] = ["phone", "email", "red_packet"];

/** Which words stand at the platform: those that hold a message back, those that are noted, or both. */
export const HELD = { both: ["block", "warn"], block: ["block"], warn: ["warn"] } as const;

export function listOf(levels: readonly string[]): keyof typeof HELD {
  return levels.length > 1 ? "both" : levels[0] === "warn" ? "warn" : "block";
}
