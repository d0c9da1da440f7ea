import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Schemas } from "@/shared/api";
import type { Graph, Kind, Kinds } from "@/shared/canvas";
import type { Words } from "@/shared/i18n";
import type { Thing } from "@/shared/thing";

export type FlowStatus = "draft" | "running" | "paused" | "draining" | "stopped";

export interface FlowSummary {
  id: string;
  name: string;
  status: FlowStatus;
  updated_at?: string | null;
  published?: { version_id: string; number: number; published_at: string } | null;
  counts?: { active: number; done: number; failed: number; entered: number; converted: number } | null;
  /** Without one nobody can be counted as having reached it. */
  has_goal?: boolean;
}

export interface Flow extends FlowSummary {
  etag: string;
  draft: Graph;
  /** What waits for a second person's word. */
  approval?: Schemas["ApprovalOut"] | null;
  /** What became of the last request, where none has been made since. */
  verdict?: Schemas["ApprovalOut"] | null;
  /** The variant that is current, or comes next. */
  variant?: Schemas["VariantOut"] | null;
}

export interface Finding {
  block: string | null;
  severity: "error" | "warning";
  code: string;
  where?: string;
  message: Words;
  mend: Words;
}

export interface BlockStats {
  entered: number;
  inside: number;
  failed: number;
  ports: Record<string, number>;
  oldest_waiting_at?: string | null;
}

export interface ArmStats {
  entered: number;
  converted: number;
  rate: number | null;
  interval: [number, number] | null;
  label?: Words | string | null;
}

export interface FlowStats {
  blocks: Record<string, BlockStats>;
  goal?: { entered: number; converted: number; rate: number | null } | null;
  arms: Record<string, ArmStats>;
  verdict?: Words | null;
}

export interface FlowVersion {
  id: string;
  number: number;
  status: string;
  published_at: string | null;
  graph?: Graph;
}

export interface RunLine {
  id: string;
  customer_id: string | null;
  customer?: { id: string; name: string } | null;
  thing?: Thing | null;
  block: string | null;
  state: string;
  since: string | null;
  reason?: string | null;
}

export interface Step {
  at: string;
  block: string;
  kind?: string;
  label?: Words | string | null;
  port: string | null;
  port_label?: Words | string | null;
  facts?: Record<string, unknown> | null;
  /** What facts are called that are expressions, by the catalogue. */
  fact_names?: Schemas["StepOut"]["fact_names"];
}

export interface Run {
  id: string;
  flow: { id: string; name: string };
  version: number;
  customer_id: string | null;
  thing?: Thing | null;
  customer?: { id: string; name: string } | null;
  state: string;
  arm?: string | null;
  entered_at: string;
  ended_at: string | null;
  wake_at?: string | null;
  block: string | null;
  block_label?: Words | null;
  reason?: string | null;
  steps: Step[];
  entry: Schemas["ConditionOut"] | null;
  effects: Schemas["EffectOut"][];
}

export type Running = "stay" | "move" | "leave";

export function flowKey(id: string): readonly string[] {
  return ["/flows", id];
}

export function useKinds() {
  const query = useQuery({
    queryKey: ["/flows/kinds"],
    queryFn: ({ signal }) => api.get<{ items: Kind[] }>("/flows/kinds", undefined, signal),
    staleTime: 60 * 60_000,
  });
  const kinds = useMemo<Kinds>(() => new Map(query.data?.items.map((kind) => [kind.kind, kind])), [query.data]);
  return { ...query, kinds };
}

export function useFlow(id: string) {
  return useQuery({ queryKey: flowKey(id), queryFn: ({ signal }) => api.get<Flow>(`/flows/${id}`, undefined, signal), staleTime: 0 });
}

const WATCH_MS = 3_000;

export function useStats(id: string, shown: boolean) {
  return useQuery({
    queryKey: [...flowKey(id), "stats"],
    queryFn: ({ signal }) => api.get<FlowStats>(`/flows/${id}/stats`, undefined, signal),
    enabled: shown,
    // People move at any time and the workers announce no single step: whoever watches looks again every few seconds.
    refetchInterval: shown ? WATCH_MS : false,
  });
}

export function saveDraft(id: string, graph: Graph, etag: string): Promise<{ etag: string }> {
  return api.put(`/flows/${id}/draft`, { graph, etag });
}

export function checkFlow(id: string): Promise<{ findings: Finding[] }> {
  return api.post(`/flows/${id}/check`, {});
}

export type Action = "pause" | "resume" | "drain" | "stop";
