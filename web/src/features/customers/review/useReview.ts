import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { refresh } from "../merging";

export type Alike = Schemas["AlikeLine"];

export function useAlike() {
  return useQuery({ queryKey: ["/duplicates/alike"], queryFn: ({ signal }) => api.get<Alike[]>("/duplicates/alike", undefined, signal) });
}

export function useKeepApart() {
  const { t } = useTranslation("customers");
  const told = useTold();
  return useMutation({
    mutationFn: (pair: { first: string; second: string }) => api.post("/duplicates/keep-apart", pair),
    onSuccess: () => {
      refresh();
      told.done(t("merge.apartDone"));
    },
    onError: told.failed,
  });
}

export function useDecideAlike() {
  const { t } = useTranslation("customers");
  const told = useTold();
  return useMutation({
    mutationFn: (body: { pattern: string; decision: "keep_apart" | "merge" }) => api.post<Schemas["AlikeAnswer"]>("/duplicates/alike", body),
    onSuccess: ({ count }, { decision }) => {
      refresh();
      told.done(t(decision === "merge" ? "review.alikeMerged" : "review.alikeApart", { count }));
    },
    onError: told.failed,
  });
}

/** One key, one deed, unless somebody is typing or a dialog is open. */
export function useKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      const busy = event.metaKey || event.ctrlKey || event.altKey || at.matches("input:not([type=radio]), textarea, select, [contenteditable=true]") || document.querySelector(".ant-modal-wrap, .ant-popover:not(.ant-popover-hidden)") !== null;
      const deed = busy ? undefined : latest.current[event.key.toLowerCase()];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
