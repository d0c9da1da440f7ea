import { EmptyState } from "@/shared/states";

export function FlowListPage() {
  return <EmptyState />;
}

export function FlowPage() {
  return <EmptyState />;
}

export function RunPage() {
  return <EmptyState />;
}
