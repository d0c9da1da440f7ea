import { EmptyState } from "@/shared/states";

export function OrderListPage() {
  return <EmptyState />;
}

export function OrderPage() {
  return <EmptyState />;
}
