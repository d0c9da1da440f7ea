import type { Schemas } from "@/shared/api";
import { queryClient } from "@/shared/api";

export type Lead = Schemas["LeadOut"];
export type LeadDetail = Schemas["LeadDetail"];
export type LeadRules = Schemas["LeadRulesOut"];
export type LeadFunnels = Schemas["LeadFunnels"];

export const STATES = ["new", "assigned", "contacted", "won", "lost"] as const;
export const COLOURS = { new: "default", assigned: "blue", contacted: "cyan", won: "green", lost: "default" } as const;
export const LOST = ["price", "elsewhere", "no_answer", "not_meant", "other"] as const;

export const isOpen = (lead: Lead): boolean => lead.state === "new" || lead.state === "assigned" || lead.state === "contacted";

export const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/lead") });
