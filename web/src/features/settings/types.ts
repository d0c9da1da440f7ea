import type { Words } from "@/shared/i18n";

export interface OrgUnit {
  id: string;
  parent_id: string | null;
  kind: "brand" | "region" | "store";
  code: string;
  name: string;
  active: boolean;
}

export type Reach = "all" | "region" | "store" | "own";

export interface Assignment {
  role_id: string;
  role_code: string;
  role_name: string;
  scope: Reach;
  org_unit_id: string | null;
  org_unit_name: string | null;
}

export interface Person {
  id: string;
  login: string;
  name: string;
  language: string | null;
  active: boolean;
  created_at: string;
  last_seen_at: string | null;
  assignments: Assignment[];
}

export interface Role {
  id: string;
  code: string;
  name: string;
  built_in: boolean;
  permissions: string[];
  holders: number;
  label: Words | null;
}

export interface Permission {
  name: string;
  area: string;
  label: Words;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  permissions: string[];
  created_by_name: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface AuditLine {
  id: string;
  at: string;
  user_id: string | null;
  user_name: string | null;
  api_key_name: string | null;
  action: string;
  entity: string;
  entity_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  request_id: string | null;
  address: string | null;
}
