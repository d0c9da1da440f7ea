import { useMutation } from "@tanstack/react-query";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Command } from "./types";

/** Whoever is merged or split changes lists, histories and both customers' pages. */
export function refresh(): void {
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => /^\/(duplicates|merges|customers)/.test(String(queryKey[0])) });
}

export function useMerge(onDone?: () => void) {
  const { t } = useTranslation("customers");
  const told = useTold();
  return useMutation({
    mutationFn: (pair: { survivor: string; loser: string; choices?: string[] }) => api.post<Command>("/merges", pair),
    onSuccess: ({ status }) => {
      refresh();
      told.done(status === "done" ? t("merge.done") : t("merge.later"));
      onDone?.();
    },
    onError: told.failed,
  });
}
