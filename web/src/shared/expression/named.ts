import { useQuery } from "@tanstack/react-query";
import { api } from "@/shared/api";

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

interface Named {
  id: string;
  name: string;
}

/** A sentence with segments called by their names; the server's words know their ids only. */
export function withNames(text: string, known: readonly Named[]): string {
  const names = new Map(known.map((one) => [one.id, one.name]));
  return text.replace(ID, (id) => names.get(id) ?? id);
}

export function useNamed(text: string): string {
  const asked = text.search(ID) >= 0;
  // The same list as the value picker's, so that it is asked for once.
  const query = useQuery({
    queryKey: ["/segments", "choices"],
    queryFn: ({ signal }) => api.get<{ items: Named[] }>("/segments", { limit: 200 }, signal),
    enabled: asked,
    staleTime: 5 * 60_000,
  });
  return asked ? withNames(text, query.data?.items ?? []) : text;
}
