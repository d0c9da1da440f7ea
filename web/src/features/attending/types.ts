import type { Schemas } from "@/shared/api";

export type Article = Schemas["KnowledgeArticleOut"];
export type Tried = Schemas["KnowledgeTried"];
export type Desk = Schemas["DeskOut"];
export type Talk = Schemas["DeskTalkOut"];
export type Message = Schemas["DeskMessageOut"];
export type Figures = Schemas["DeskFigures"];
export type Material = Schemas["MaterialOut"];
export type Topic = Schemas["TopicOut"];
export type Adviser = Schemas["AdviserOut"];
