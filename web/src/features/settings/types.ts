import type { Schemas } from "@/shared/api";

export type OrgUnit = Schemas["OrgUnit"];
export type Assignment = Schemas["AssignmentLine"];
export type Reach = Assignment["scope"];
export type Person = Schemas["User"];
export type Role = Schemas["Role"];
export type Permission = Schemas["PermissionLine"];
export type ApiKey = Schemas["ApiKey"];
export type AuditLine = Schemas["AuditLine"];
export type Priorities = Schemas["Priorities"];
export type PriorityLine = Schemas["PriorityLine"];
export type RateLine = Schemas["RateLine"];
export type RateFindings = Schemas["RateFindings"];
export type RatesWritten = Schemas["RatesWritten"];
