import type { Schemas } from "@/shared/api";

export type MassSend = Schemas["MassSendOut"];
export type MassTask = Schemas["MassTaskOut"];
export type MassPerson = Schemas["MassPersonOut"];
export type MassGroup = Schemas["MassGroupOut"];
export type MassPost = Schemas["MassPostOut"];
export type MassAccount = Schemas["MassAccountOut"];
export type Adviser = Schemas["AdviserOut"];
export type Group = Schemas["GroupChatOut"];
export type Segment = Schemas["SegmentOut"];
export type TagGroup = Schemas["PlatformTagGroupOut"];
