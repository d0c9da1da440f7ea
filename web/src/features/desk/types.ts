import type { Schemas } from "@/shared/api";

export type Material = Schemas["MaterialOut"];
export type Script = Schemas["ScriptOut"];
export type Topic = Schemas["TopicOut"];
export type Figures = Schemas["ReadingFigures"];
export type Reader = Schemas["ReaderOut"];
export type Campaign = Schemas["CampaignOut"];
export type Invited = Schemas["InvitedOut"];
export type Inviter = Schemas["InviterOut"];
export type Binding = Schemas["Binding"];
export type Adviser = Schemas["AdviserOut"];
export type Account = Schemas["ContactAccount"];
