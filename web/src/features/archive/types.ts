import type { Schemas } from "@/shared/api";

export type Account = Schemas["ArchiveAccountOut"];
export type Talk = Schemas["ArchiveTalkOut"];
export type Message = Schemas["ArchiveMessageOut"];
export type Found = Schemas["ArchiveFoundOut"];
export type SearchPart = Schemas["ArchiveSearchOut"];
export type WordList = Schemas["InspectionListOut"];
export type Hit = Schemas["InspectionHitOut"];
export type Reply = Schemas["ReplyFigures"];
export type Sample = Schemas["ScoreSampleOut"];
export type ScoreForm = Schemas["ScoreFormOut"];
export type Scores = Schemas["ScoreFigures"];

/** `1:05`, `12 min`: so long in words a number can say. */
export function minutes(seconds: number | null | undefined, short: (n: string) => string): string {
  if (seconds === null || seconds === undefined) return "—";
  return short(seconds < 600 ? (seconds / 60).toFixed(1) : String(Math.round(seconds / 60)));
}
