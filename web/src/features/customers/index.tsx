import { EmptyState } from "@/shared/states";

export function CustomerListPage() {
  return <EmptyState />;
}

export function CustomerPage() {
  return <EmptyState />;
}

export function DuplicatesPage() {
  return <EmptyState />;
}
