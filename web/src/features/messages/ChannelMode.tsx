import { useMutation, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { api, queryClient } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { ChannelState } from "./types";

const KEY = ["/simulated-channel"];

/** Lets the simulated channel fail or dawdle, to see what the outbox makes of it. */
export function ChannelMode() {
  const { t } = useTranslation("messages");
  const say = useSay();
  const can = useCan();
  const told = useTold();
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<ChannelState>("/simulated-channel", undefined, signal) });
  const set = useMutation({
    mutationFn: (mode: string) => api.put<ChannelState>("/simulated-channel", { mode, latency_seconds: query.data?.latency_seconds ?? 0 }),
    onSuccess: (state) => queryClient.setQueryData(KEY, state),
    onError: told.failed,
  });
  if (!query.data || !can("settings.write")) return null;
  return (
    <Select
      aria-label={t("inbox.channel")}
      prefix={t("inbox.channel")}
      popupMatchSelectWidth={false}
      loading={set.isPending}
      value={query.data.mode}
      options={Object.entries(query.data.modes).map(([value, label]) => ({ value, label: say(label) }))}
      onChange={(mode) => set.mutate(mode)}
    />
  );
}
