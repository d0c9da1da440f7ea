import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "@/shared/i18n";

/** Where something came from, in words; the names people gave their own systems stay as they are. */
export function useSourceName(): (source: string | null | undefined) => string {
  const { t } = useTranslation("shared");
  return useCallback((source) => (source ? t(`source.${source.split(":")[0]}`, { defaultValue: source }) : t("word.missing")), [t]);
}

const LIVE = ".live";

/** Where something was sold, in words: connectors name the platform and whether it was a broadcast; what a till calls its channels stays. */
export function channelName(channel: string | null | undefined, t: TFunction): string {
  if (!channel) return "—";
  const live = channel.endsWith(LIVE);
  const name = t(`source.${live ? channel.slice(0, -LIVE.length) : channel}`, { defaultValue: "" });
  if (!name) return channel;
  return live ? t("word.live", { name }) : name;
}

export function useChannelName(): (channel: string | null | undefined) => string {
  const { t } = useTranslation("shared");
  return useCallback((channel) => channelName(channel, t), [t]);
}
