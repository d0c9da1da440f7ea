import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Segmented, Space, Typography } from "antd";
import { api, queryClient } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { ErrorState, useTold } from "@/shared/states";
import type { Account, SimulatedNow } from "./types";

const RATES = [0, 1, 10, 60, 300];
/** What people do on a platform where nothing is sold, and who says what. */
const ACTS = [
  { what: "follow", given: { key: "demo" } },
  { what: "say", given: {} },
  { what: "leave", given: {} },
] as const;

/** How busy a shop is now: in a demo it begins with an order in many minutes. */
function Now({ rate }: { rate: number }) {
  const { t } = useTranslation("connectors");
  if (rate === 0) return t("nowNothing");
  return rate < 1 ? t("nowSlow", { minutes: formatNumber(Math.round(1 / rate)) }) : t("nowFast", { n: formatNumber(rate) });
}

function Shop({ accountId }: { accountId: string }) {
  const { t } = useTranslation("connectors");
  const told = useTold();
  const key = ["/connector-accounts", accountId, "simulated"];
  const now = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<SimulatedNow>(`/connector-accounts/${accountId}/simulated`, undefined, signal) });
  const dial = useMutation({
    mutationFn: (wanted: { per_minute?: number; orders?: number }) => api.post(`/connector-accounts/${accountId}/simulated`, wanted),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: key }), told.done(t("dialled"))),
    onError: told.failed,
  });
  if (now.isError) return <ErrorState compact error={now.error} onRetry={() => void now.refetch()} />;
  const rate = now.data?.per_minute;
  return (
    <>
      <Space wrap>
        <span id="per-minute">{t("perMinute")}</span>
        <Segmented aria-labelledby="per-minute" value={rate ?? -1} options={RATES.map((one) => ({ value: one, label: String(one) }))} onChange={(one) => dial.mutate({ per_minute: one })} />
        <Button loading={dial.isPending} onClick={() => dial.mutate({ orders: 10 })}>
          {t("orderNow")}
        </Button>
        <Typography.Text type="secondary">{rate === undefined ? null : <Now rate={rate} />}</Typography.Text>
      </Space>
      <Typography.Paragraph type="secondary" style={{ margin: "8px 0 0" }}>
        {t("dialHint")}
      </Typography.Paragraph>
    </>
  );
}

function People({ accountId }: { accountId: string }) {
  const { t } = useTranslation("connectors");
  const told = useTold();
  const act = useMutation({ mutationFn: (one: (typeof ACTS)[number]) => api.post(`/connector-accounts/${accountId}/acts`, one), onSuccess: () => told.done(t("acted")), onError: told.failed });
  return (
    <Space wrap>
      {ACTS.map((one) => (
        <Button key={one.what} loading={act.isPending && act.variables === one} onClick={() => act.mutate(one)}>
          {t(`act.${one.what}`)}
        </Button>
      ))}
    </Space>
  );
}

/** What happens at a simulated account: dialled up and down, or done at once, by whoever tries things out. */
export function Simulated({ account, sells }: { account: Account; sells: boolean }) {
  const { t } = useTranslation("connectors");
  if (!sells && account.connector !== "wechat_oa") return null;
  return <Section title={t("dial")}>{sells ? <Shop accountId={account.id} /> : <People accountId={account.id} />}</Section>;
}
