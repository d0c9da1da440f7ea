import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** Filters live in the address, so that a view can be shared, bookmarked and gone back to. */
export function useUrlFilters<K extends string>(keys: readonly K[]) {
  const [search, setSearch] = useSearchParams();
  const list = keys.join(" ");
  const values = useMemo(() => {
    const found: Partial<Record<K, string>> = {};
    for (const key of list.split(" ") as K[]) {
      const value = search.get(key);
      if (value) found[key] = value;
    }
    return found;
  }, [search, list]);
  const set = useCallback(
    (changes: Partial<Record<K, string | null>>) => {
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [key, value] of Object.entries(changes) as [K, string | null][]) {
            if (value) next.set(key, value);
            else next.delete(key);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setSearch],
  );
  const clear = useCallback(() => setSearch({}, { replace: true }), [setSearch]);
  return { values, set, clear, any: Object.keys(values).length > 0 };
}
