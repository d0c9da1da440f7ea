import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Page } from "@/shared/api";
import { useCatalog } from "@/shared/expression";
import { useSay } from "@/shared/i18n";
import { relationKey, type Names } from "./editor/summary";

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
  const flows = useNamed("/flows").data;
  const catalog = useCatalog().data;
  const say = useSay();
  return useMemo(() => {
    const items = [segments, templates, coupons, flows].flatMap((page) => page?.items ?? []);
    const known = new Map(items.map((one) => [one.id, one.name]));
    for (const event of catalog?.event_types ?? []) known.set(event.name, say(event.label));
    for (const relation of catalog?.relations ?? []) known.set(relationKey(relation.name), say(relation.label));
    return known;
  }, [segments, templates, coupons, flows, catalog, say]);
}
