import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, type Page } from "@/shared/api";
import type { Kinds, ServiceModule } from "@/shared/canvas";
import { useLanguage } from "@/shared/i18n";

const PATH = "/gallery/modules";
const NONE: readonly ServiceModule[] = [];

/** The service modules that lie ready, as far as every block of theirs is known here; asked for when somebody looks for one. */
export function useModules(kinds: Kinds, enabled: boolean) {
  const language = useLanguage();
  const query = useQuery({ queryKey: [PATH, language], queryFn: ({ signal }) => api.get<Page<ServiceModule>>(PATH, { language }, signal), staleTime: Infinity, enabled });
  const items = useMemo(() => query.data?.items.filter((module) => module.blocks.every((block) => kinds.has(block.kind))) ?? NONE, [query.data, kinds]);
  return { items, pending: query.isPending && enabled, error: query.error, again: () => void query.refetch() };
}

/** The module with this id, out of those that were shown. */
export function useKnownModule(): (id: string) => ServiceModule | undefined {
  const client = useQueryClient();
  const language = useLanguage();
  return useCallback((id) => client.getQueryData<Page<ServiceModule>>([PATH, language])?.items.find((one) => one.id === id), [client, language]);
}

/** A module wears the colour of what it is about: the first of its blocks that does something. */
export function groupOf(module: ServiceModule, kinds: Kinds): string {
  const groups = module.blocks.map((block) => kinds.get(block.kind)?.group ?? "flow");
  return groups.find((group) => group !== "wait" && group !== "decide" && group !== "flow") ?? groups[0] ?? "flow";
}
