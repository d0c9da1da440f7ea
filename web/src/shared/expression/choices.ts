import { useQuery } from "@tanstack/react-query";
import { api } from "@/shared/api";
import { say, useLanguage, type Words } from "@/shared/i18n";
import type { CatalogField } from "./catalog";
import type { Tree } from "./tree";

export interface ValueChoice {
  value: string;
  label: string;
}

type Item = string | { id?: string; name?: string; value?: string; code?: string; label?: Words | string | null; category?: string; category_en?: string | null };

/** Lists kept by the server that a text value is best picked from, by what the value means. */
function sourceOf(subject: Tree, field: CatalogField | undefined): string | null {
  if (subject.kind === "call") return subject.name === "in_segment" ? "/segments" : "/tags";
  if (!field) return null;
  if (field.name === "category" || field.name === "favourite_category") return "/categories";
  if (field.name === "store_id" || field.name === "store") return "/stores";
  return null;
}

export function toChoice(item: Item, path: string, language: "zh" | "en"): ValueChoice | null {
  if (typeof item === "string") return { value: item, label: item };
  if (item.category !== undefined) {
    return { value: item.category, label: (language === "en" ? item.category_en : null) ?? item.category };
  }
  const value = path === "/segments" || path === "/stores" ? item.id : (item.name ?? item.value ?? item.code);
  if (value === undefined) return null;
  const label = item.label ? say(item.label, language) : (item.name ?? value);
  return { value, label };
}

/** Choices for a value, or null when it has to be typed. */
export function useValueChoices(subject: Tree, field: CatalogField | undefined): ValueChoice[] | null {
  const language = useLanguage();
  const path = field?.options ? null : sourceOf(subject, field);
  const query = useQuery({
    queryKey: [path, "choices"],
    queryFn: ({ signal }) => api.get<{ items: Item[] } | Item[]>(path ?? "", { limit: path === "/categories" || path === "/stores" ? 1000 : 200 }, signal),
    enabled: path !== null,
    staleTime: 5 * 60_000,
  });
  if (field?.options) return field.options.map((option) => ({ value: option.value, label: say(option.label, language) }));
  if (!path || !query.data) return null;
  const items = Array.isArray(query.data) ? query.data : query.data.items;
  return items.map((item) => toChoice(item, path, language)).filter((choice): choice is ValueChoice => choice !== null);
}
