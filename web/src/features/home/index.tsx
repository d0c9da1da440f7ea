import { EmptyState } from "@/shared/states";

export function HomePage() {
  return <EmptyState />;
}
