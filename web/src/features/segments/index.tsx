import { EmptyState } from "@/shared/states";

export function SegmentListPage() {
  return <EmptyState />;
}

export function SegmentBuilderPage() {
  return <EmptyState />;
}

export function TagsPage() {
  return <EmptyState />;
}
