import type { Schemas } from "@/shared/api";

export type Group = Schemas["GroupChatOut"];
export type GroupDetail = Schemas["GroupChatDetail"];
export type GroupAccount = Schemas["GroupAccountOut"];
export type Person = Schemas["GroupPerson"];
export type Double = Schemas["Double"];
export type GroupCode = Schemas["GroupCodeOut"];
export type ChannelJoins = Schemas["ChannelJoins"];
export type GroupWelcome = Schemas["GroupWelcomeOut"];
export type CustomerGroup = Schemas["CustomerGroup"];
export type GroupFigures = Schemas["GroupFigures"];
