import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Schemas } from "@/shared/api";
import type { Graph } from "@/shared/canvas";
import { useCan, useMe } from "@/shared/session";
import { flowKey, type Flow, type Running } from "../api";

export type Approval = Schemas["ApprovalOut"];
export type Variant = Schemas["VariantOut"];
export type Version = Omit<Schemas["VersionOut"], "graph"> & { graph: Graph };
export type Person = Schemas["Person"];

export interface Window {
  name: string;
  starts_at: string;
  ends_at: string;
  at_start: "stay" | "move";
  at_end: Running;
}

export interface Publishing {
  running: Running;
  note: string;
  successors: Record<string, string>;
  window: Window | null;
}

export function useVersions(id: string) {
  return useQuery({ queryKey: [...flowKey(id), "versions"], queryFn: ({ signal }) => api.get<Page<Version>>(`/flows/${id}/versions`, { limit: 200 }, signal) });
}

export function useVariants(id: string) {
  return useQuery({ queryKey: [...flowKey(id), "variants"], queryFn: ({ signal }) => api.get<Page<Variant>>(`/flows/${id}/variants`, undefined, signal) });
}

export function useOpenApprovals() {
  return useQuery({ queryKey: ["/flow-approvals"], queryFn: ({ signal }) => api.get<Page<Approval>>("/flow-approvals", undefined, signal) });
}

/** Whose request it is, and whether the reader may decide it: nobody decides their own. */
export function useReviewer(approval: Approval): { own: boolean; decides: boolean } {
  const can = useCan();
  const own = approval.requested_by === useMe().user.id;
  return { own, decides: approval.state === "open" && !own && can("flow.approve") };
}

/** Something done with the flow as a whole; everything shown of flows is read again afterwards. */
export function useDeed<T, R = Flow>(deed: (value: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["/flows"] }), client.invalidateQueries({ queryKey: ["/flow-approvals"] })]);
    },
  });
}

export function publishFlow(id: string, { running, note, successors, window }: Publishing): Promise<Flow> {
  return window ? api.post<Flow>(`/flows/${id}/variants`, window) : api.post<Flow>(`/flows/${id}/publish`, { running, note, successors });
}
