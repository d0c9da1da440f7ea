import type { Schemas } from "@/shared/api";

export type Adviser = Schemas["AdviserFriends"];
export type Lost = Schemas["LostFriend"];
export type HandOver = Schemas["HandOverOut"];
export type Item = Schemas["HandOverItemOut"];
export type Friend = Schemas["AdviserFriend"];
export type Work = Schemas["AdviserWork"];
