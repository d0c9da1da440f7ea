import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Page, type Schemas } from "@/shared/api";
import { useCatalog } from "@/shared/expression";
import { useSay } from "@/shared/i18n";
import { relationKey, stageKey, type Names } from "./editor/summary";

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
  const things = useQuery({ queryKey: ["/thing-types", "all"], queryFn: ({ signal }) => api.get<{ items: Schemas["ThingTypeOut"][] }>("/thing-types", { limit: 1000 }, signal), retry: false }).data;
  const catalog = useCatalog().data;
  const say = useSay();
  return useMemo(() => {
    const items = [segments, templates, coupons, flows].flatMap((page) => page?.items ?? []);
    const known = new Map(items.map((one) => [one.id, one.name]));
    for (const event of catalog?.event_types ?? []) known.set(event.name, say(event.label));
    for (const relation of catalog?.relations ?? []) known.set(relationKey(relation.name), say(relation.label));
    for (const sort of things?.items ?? []) for (const stage of sort.stages) known.set(stageKey(stage.name, sort.name), say(stage.label));
    return known;
  }, [segments, templates, coupons, flows, things, catalog, say]);
}
