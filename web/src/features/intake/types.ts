import type { Schemas } from "@/shared/api";

export type QuarantineItem = Schemas["QuarantineItem"];
export type QuarantineGroup = Schemas["QuarantineGroup"];
export type ReplayProgress = Schemas["ReplayProgress"];
export type FailedEventLine = Schemas["FailedEventLine"];
export type SourceHealth = Schemas["SourceHealthOut"];
export type Point = Schemas["PointOut"];
export type Source = Schemas["SourceOut"];
