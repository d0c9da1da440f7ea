import { useQuery } from "@tanstack/react-query";
import { createContext, useCallback, useContext } from "react";
import { api, ApiError, setCsrfToken, type Schemas } from "@/shared/api";

/** The answer of `GET /v1/me`: who is working, for which tenant, and what they may do. */
export type Me = Schemas["Me"];

export const ME_KEY = ["/me"] as const;

/** `null` means nobody is logged in; that is an answer, not an error. */
export function useMeQuery() {
  return useQuery({
    queryKey: ME_KEY,
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        const me = await api.get<Me>("/me", undefined, signal);
        setCsrfToken(me.csrf);
        return me;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 5 * 60_000,
  });
}

export const MeContext = createContext<Me | null>(null);

/** Inside the shell somebody is always logged in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe needs a logged-in session around it");
  return me;
}

/** `can("flow.write")`: what a person may not do is not shown. */
export function useCan(): (permission: string | undefined) => boolean {
  const { permissions } = useMe();
  return useCallback(
    (permission) => permission === undefined || permissions.includes("*") || permissions.includes(permission),
    [permissions],
  );
}
