import type { Schemas } from "@/shared/api";

export type Directory = Schemas["DirectoryOut"];
export type Department = Schemas["DepartmentOut"];
export type Rule = Schemas["RuleOut"];
export type Member = Schemas["MemberOut"];
export type Change = Schemas["ChangeOut"];
export type Holding = Schemas["HoldingOut"];
export type OrgUnit = Schemas["OrgUnit"];
export type Role = Schemas["Role"];
export type Person = Schemas["User"];
