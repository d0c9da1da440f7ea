import type { Schemas } from "@/shared/api";

export type Segment = Schemas["SegmentOut"];
export type Preview = Schemas["PreviewOut"];
export type Member = Schemas["Member"];
export type Part = Schemas["PartOut"];
export type Explanation = Schemas["Explanation"];
export type Tag = Schemas["TagLineOut"];
