import { useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "@/shared/api";

interface Kinds {
  items: Schemas["ThingTypeOut"][];
}

/** One sort of things, found among all: there are few. */
export function useKind(name: string) {
  return useQuery({ queryKey: ["/thing-types", "all"], queryFn: ({ signal }) => api.get<Kinds>("/thing-types", { limit: 1000 }, signal), select: (all) => all.items.find((one) => one.name === name) });
}
