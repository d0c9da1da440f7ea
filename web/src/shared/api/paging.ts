import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "./client";

/** A page of a list; `next` is null on the last one. */
export interface Page<T> {
  items: T[];
  next: string | null;
  total?: number | null;
}

type Filters = Record<string, string | number | boolean | null | undefined>;

/** A list read page by page. The key starts with the path, so that invalidating `[path]` refreshes every view of it. */
export function usePages<T>(path: string, filters: Filters = {}, limit = 50, enabled = true) {
  const query = useInfiniteQuery({
    queryKey: [path, filters, limit],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...filters, limit, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled,
  });
  const pages = query.data?.pages;
  const items = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  return { ...query, items, total: pages?.[0]?.total ?? null };
}
