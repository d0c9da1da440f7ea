import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Page } from "@/shared/api";
import type { Names } from "./editor/summary";

interface Named {
  id: string;
  name: string;
}

function useNamed(path: string) {
  return useQuery({ queryKey: [path, "names"], queryFn: ({ signal }) => api.get<Page<Named>>(path, { limit: 200 }, signal), retry: false });
}

/** What the ids inside configurations are called. Lists a person may not read simply stay without names. */
export function useNames(): Names {
  const segments = useNamed("/segments").data;
  const templates = useNamed("/message-templates").data;
  const coupons = useNamed("/coupon-templates").data;
  return useMemo(() => {
    const items = [segments, templates, coupons].flatMap((page) => page?.items ?? []);
    return new Map(items.map((one) => [one.id, one.name]));
  }, [segments, templates, coupons]);
}
