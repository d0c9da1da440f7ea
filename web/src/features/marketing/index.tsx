import { EmptyState } from "@/shared/states";

export function CouponTemplatesPage() {
  return <EmptyState />;
}

export function CouponTemplatePage() {
  return <EmptyState />;
}

export function PointsPage() {
  return <EmptyState />;
}
