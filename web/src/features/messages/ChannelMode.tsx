import { useMutation, useQuery } from "@tanstack/react-query";
import { Select, Space, Switch } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { ChannelState } from "./types";

const KEY = ["/simulated-channel"];
const CHANNELS = ["sms", "email", "official_account", "mini_program"] as const;

type Wanted = Pick<Schemas["SimulatedBehaviour"], "people" | "refusing"> & { mode?: string };

/** Lets the simulated channels fail, dawdle or refuse, and puts people behind the phones. */
export function ChannelMode() {
  const { t } = useTranslation("messages");
  const say = useSay();
  const can = useCan();
  const told = useTold();
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<ChannelState>("/simulated-channel", undefined, signal) });
  const set = useMutation({
    mutationFn: (wanted: Wanted) => api.put<ChannelState>("/simulated-channel", { mode: query.data?.mode, latency_seconds: query.data?.latency_seconds ?? 0, ...wanted }),
    onSuccess: (state) => queryClient.setQueryData(KEY, state),
    onError: told.failed,
  });
  if (!query.data || !can("settings.write")) return null;
  const { mode, modes, people, refusing } = query.data;
  return (
    <Space wrap>
      <Space size={6}>
        <Switch size="small" aria-label={t("inbox.people")} checked={people} loading={set.isPending} onChange={(next) => set.mutate({ people: next })} />
        <span title={t("inbox.peopleHint")}>{t("inbox.people")}</span>
      </Space>
      <Select
        mode="multiple"
        aria-label={t("inbox.refusing")}
        placeholder={t("inbox.refusingNone")}
        style={{ minWidth: 168 }}
        maxTagCount="responsive"
        popupMatchSelectWidth={false}
        value={refusing}
        options={CHANNELS.map((value) => ({ value, label: t(`inbox.channels.${value}`) }))}
        onChange={(next) => set.mutate({ refusing: next as Wanted["refusing"] })}
      />
      <Select
        aria-label={t("inbox.channel")}
        prefix={t("inbox.channel")}
        popupMatchSelectWidth={false}
        loading={set.isPending}
        value={mode}
        options={Object.entries(modes).map(([value, label]) => ({ value, label: say(label) }))}
        onChange={(next) => set.mutate({ mode: next })}
      />
    </Space>
  );
}
