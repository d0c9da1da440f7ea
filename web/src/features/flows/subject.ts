import { useMemo } from "react";
import type { Kind, Settings } from "@/shared/canvas";
import { CUSTOMER_SCOPE, useCatalog, type CatalogAnswer, type ScopeRoots } from "@/shared/expression";
import type { Words } from "@/shared/i18n";

export const CUSTOMER = "customer";

/** What a flow is about where that is no customer: an entity that the catalog offers. */
export interface Subject {
  name: string;
  label: Words;
  /** Such a thing may have a customer: an order has, a stock item has not. */
  customer: boolean;
  events: readonly string[];
}

export function subjectsOf(catalog: CatalogAnswer | undefined): Subject[] {
  return (catalog?.entities ?? []).flatMap((one) => (one.subject ? [{ name: one.name, label: one.label, customer: one.subject.customer, events: one.subject.events }] : []));
}

export function subjectName(settings: Settings): string {
  return typeof settings.subject === "string" && settings.subject !== "" ? settings.subject : CUSTOMER;
}

/** Words for a flow about things stand beside those for customers, under the same key with "_thing". */
export function wording(settings: Settings): { context?: "thing" } {
  return subjectName(settings) === CUSTOMER ? {} : { context: "thing" };
}

/** What the flow is about; null for customers. One that the catalog does not have is named by its key, and the check says so. */
export function useSubject(settings: Settings): Subject | null {
  const name = subjectName(settings);
  const catalog = useCatalog().data;
  return useMemo(() => {
    if (name === CUSTOMER) return null;
    return subjectsOf(catalog).find((one) => one.name === name) ?? { name, label: { zh: name, en: name }, customer: false, events: [] };
  }, [name, catalog]);
}

/** The roots of an expression: the thing by its own name, and the customer where there can be one. */
export function rootsOf(about: Subject | null): ScopeRoots {
  if (!about) return CUSTOMER_SCOPE;
  return { ...(about.customer ? CUSTOMER_SCOPE : {}), [about.name]: about.name };
}

/** Can a block of this kind serve in a flow about that? A start that lets customers in never can; other blocks where there is a customer. */
export function fits(kind: Kind, about: Subject | null): boolean {
  if (!about || !kind.for_customer) return true;
  return kind.role !== "start" && about.customer;
}
