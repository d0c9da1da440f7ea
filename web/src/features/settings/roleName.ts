import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, type Page } from "@/shared/api";
import { useSay } from "@/shared/i18n";
import type { Role } from "./types";

export function useRoles() {
  return useQuery({ queryKey: ["/roles"], queryFn: ({ signal }) => api.get<Page<Role>>("/roles", undefined, signal), staleTime: 60_000 });
}

/** A role's name in the reader's language: built-in ones carry both. */
export function useRoleName(): (id: string, fallback: string) => string {
  const roles = useRoles();
  const say = useSay();
  const items = roles.data?.items;
  return useCallback(
    (id, fallback) => {
      const label = items?.find((role) => role.id === id)?.label;
      return label ? say(label) : fallback;
    },
    [items, say],
  );
}
