import { EmptyState } from "@/shared/states";

export function ImportListPage() {
  return <EmptyState />;
}

export function ImportPage() {
  return <EmptyState />;
}
