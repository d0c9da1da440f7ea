import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Page, type Schemas } from "@/shared/api";
import type { Graph, Kind, Kinds } from "@/shared/canvas";
import type { Language } from "@/shared/i18n";

export type TemplateLine = Omit<Schemas["TemplateLine"], "graph"> & { graph: Graph };
export type Ask = Schemas["AskOut"];

export interface Answer {
  use?: string;
  make?: Record<string, unknown>;
}

export function useTemplates() {
  return useQuery({ queryKey: ["/gallery/templates"], queryFn: ({ signal }) => api.get<Page<TemplateLine>>("/gallery/templates", undefined, signal), staleTime: Infinity });
}

export function useAsks(id: string, language: Language) {
  return useQuery({ queryKey: ["/gallery/templates", id, language], queryFn: ({ signal }) => api.get<{ asks: Ask[] }>(`/gallery/templates/${id}`, { language }, signal), gcTime: 0 });
}

export function useKinds(): Kinds {
  const query = useQuery({ queryKey: ["/flows/kinds"], queryFn: ({ signal }) => api.get<{ items: Kind[] }>("/flows/kinds", undefined, signal), staleTime: 60 * 60_000 });
  return useMemo(() => new Map(query.data?.items.map((kind) => [kind.kind, kind])), [query.data]);
}

export function install(id: string, name: string, language: Language, answers: Record<string, Answer>): Promise<{ flow_id: string }> {
  return api.post(`/gallery/templates/${id}/install`, { name, language, answers });
}

/** The half of a "中文 | English" text for this reader. */
export function half(text: string, language: Language): string {
  const [zh = "", en] = text.split(" | ");
  return en === undefined ? text : language === "zh" ? zh.trim() : en.trim();
}
