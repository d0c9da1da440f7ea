import { EmptyState } from "@/shared/states";

export function InboxPage() {
  return <EmptyState />;
}

export function TemplatesPage() {
  return <EmptyState />;
}

export function OutboxPage() {
  return <EmptyState />;
}
