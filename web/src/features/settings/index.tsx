import { EmptyState } from "@/shared/states";

export function OrganisationPage() {
  return <EmptyState />;
}

export function PeoplePage() {
  return <EmptyState />;
}

export function RolesPage() {
  return <EmptyState />;
}

export function AuditPage() {
  return <EmptyState />;
}

export function ApiKeysPage() {
  return <EmptyState />;
}
