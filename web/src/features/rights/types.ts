import type { Schemas } from "@/shared/api";

export type RightsRequest = Schemas["RightsRequestOut"];
export type NewRightsRequest = Schemas["NewRightsRequest"];
