import { useCallback } from "react";
import { useLocation, useNavigate } from "react-router";

/**
 * What stands open on a page (the people behind a number), kept with the page's place in the history: who goes on to a customer
 * and comes back finds it open again. `value` is plain data.
 */
export function useKept<T>(name: string): [T | null, (value: T | null) => void] {
  const { pathname, search, hash, state } = useLocation() as { pathname: string; search: string; hash: string; state: Record<string, unknown> | null };
  const navigate = useNavigate();
  const keep = useCallback((value: T | null) => void navigate({ pathname, search, hash }, { replace: true, state: { ...state, [name]: value }, preventScrollReset: true }), [navigate, pathname, search, hash, state, name]);
  return [(state?.[name] as T | null | undefined) ?? null, keep];
}
