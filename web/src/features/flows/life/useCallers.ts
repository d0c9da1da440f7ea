import { useQuery } from "@tanstack/react-query";
import { api, type Page, type Schemas } from "@/shared/api";
import { flowKey } from "../api";

export type Caller = Schemas["CallerOut"];

const NONE: readonly Caller[] = [];

/** The flows that call this one: what is published here reaches them all. */
export function useCallers(flowId: string): readonly Caller[] {
  const query = useQuery({ queryKey: [...flowKey(flowId), "callers"], queryFn: ({ signal }) => api.get<Page<Caller>>(`/flows/${flowId}/callers`, undefined, signal), staleTime: 60_000 });
  return query.data?.items ?? NONE;
}
