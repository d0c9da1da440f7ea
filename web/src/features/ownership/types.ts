import type { Schemas } from "@/shared/api";

export type Ownership = Schemas["OwnershipOut"];
export type Rule = Required<Schemas["OwnershipRule"]>;
export type Share = Schemas["SharePart"];
export type Tried = Schemas["OwnershipTried"];
export type Post = Schemas["PostOut"];
export type Ranked = Schemas["Ranked"];
export type Entry = Schemas["EntryOut"];
export type Dispute = Schemas["DisputeOut"];
export type Mine = Schemas["Mine"];
export type Period = Schemas["PeriodOut"];
export type Unit = Schemas["OrgUnit"];

export const KINDS = ["till", "parcel", "scan", "radar", "friend", "owner", "store"] as const;
export const TO = ["found", "inviter", "till", "owner", "store"] as const;
export const RENEWALS = ["added", "order", "radar"] as const;
/** Rules that look back so many days. */
export const DATED: readonly string[] = ["parcel", "scan", "radar", "friend"];

/** Minor units as an amount: 1050 fen are 10.5 yuan, 1050 yen are 1050. */
export function amount(cents: number, currency: string): number {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return cents / 10 ** digits;
}

/** A rule with nothing left out. */
export function whole(rule: Schemas["OwnershipRule"]): Rule {
  return { ...fresh(rule.kind), ...rule };
}

export function fresh(kind: Rule["kind"]): Rule {
  return { kind, days: 30, renewed_by: ["added", "order"], pick: "first", rota: "customer", channels: [], shares: [{ to: "found", bp: 10000 }] };
}
