import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useNavigate, useParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { DetailPage, Facts } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { Light } from "./Light";
import { SetUp, back } from "./SetUp";
import { Simulated } from "./Simulated";
import { ProblemAlert, Tasks } from "./Tasks";
import { Traffic } from "./Traffic";
import type { Account, Platform } from "./types";

const LOOK_MS = 5_000;
const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]) === "/connector-accounts" });

/** What the product knows of a platform: how it is set up and what it has. */
function usePlatform(name: string) {
  const platforms = useQuery({ queryKey: ["/connectors"], queryFn: ({ signal }) => api.get<{ platforms: Platform[] }>("/connectors", undefined, signal), staleTime: Infinity });
  return platforms.data?.platforms.find((one) => one.name === name);
}

function About({ account }: { account: Account }) {
  const { t } = useTranslation("connectors");
  const say = useSay();
  // What the set-up form called its fields, so that nobody reads the platform's parameter names.
  const fields = usePlatform(account.connector)?.settings ?? [];
  const called = (key: string) => { const one = fields.find((field) => field.name === key); return one ? say(one.label) : key; };
  const shown = account.address ? [{ key: "address", label: t("address"), value: <code style={{ wordBreak: "break-all" }}>{account.address}</code> }] : [];
  return (
    <Facts
      items={[
        { key: "platform", label: t("platform"), value: say(account.platform) },
        { key: "source", label: t("source"), value: <code>{account.source}</code> },
        ...Object.entries(account.settings).map(([key, value]) => ({ key, label: called(key), value: <code style={{ wordBreak: "break-all" }}>{String(value)}</code> })),
        ...shown,
        { key: "token", label: t("tokenUntil"), value: <Time value={account.expires_at} clock="machine" /> },
        { key: "grant", label: t("grantUntil"), value: <Time value={account.refresh_expires_at} clock="machine" /> },
        { key: "waiting", label: t("waiting"), value: <Num value={account.waiting} /> },
      ]}
    />
  );
}

function useDeeds(account: Account) {
  const { t } = useTranslation("connectors");
  const told = useTold();
  const navigate = useNavigate();
  const base = `/connector-accounts/${account.id}`;
  const again = useMutation({ mutationFn: () => api.post<{ url: string | null }>(`${base}/authorise`, { redirect: back() }), onSuccess: ({ url }) => (url ? window.location.assign(url) : check.mutate()), onError: told.failed });
  const check = useMutation({ mutationFn: () => api.post<{ shop: string }>(`${base}/check`), onSuccess: ({ shop }) => (refresh(), told.done(t("checked", { shop }))), onError: told.failed });
  const replay = useMutation({ mutationFn: () => api.post(`${base}/replay`, { days: 7 }), onSuccess: () => (refresh(), told.done(t("replaying"))), onError: told.failed });
  const resume = useMutation({ mutationFn: () => api.post(`${base}/resume`), onSuccess: refresh, onError: told.failed });
  const remove = useMutation({ mutationFn: () => api.delete(base), onSuccess: () => (refresh(), navigate("/connectors")), onError: told.failed });
  return { again, check, replay, resume, remove };
}

function Record({ account }: { account: Account }) {
  const { t } = useTranslation("connectors");
  const { modal } = App.useApp();
  const can = useCan();
  const deeds = useDeeds(account);
  const platform = usePlatform(account.connector);
  const started = account.tasks.length > 0;
  const problems = [account.problem, ...account.tasks.map((one) => one.problem)].filter((one) => one !== null);
  const first = problems[0];
  const removing = () => modal.confirm({ title: t("removeTitle", { name: account.name }), content: t("removeHint"), okText: t("remove"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => deeds.remove.mutateAsync() });
  const actions = can("source.write") ? (
    <>
      {problems.length > 0 ? <Button onClick={() => deeds.resume.mutate()}>{t("resume")}</Button> : null}
      {started ? <Button onClick={() => deeds.replay.mutate()}>{t("replay")}</Button> : null}
      {started ? (
        <Button loading={deeds.again.isPending || deeds.check.isPending} onClick={() => deeds.again.mutate()}>
          {t("reauthorise")}
        </Button>
      ) : null}
      <Button danger onClick={removing}>
        {t("remove")}
      </Button>
    </>
  ) : null;
  return (
    <DetailPage title={account.name} crumbs={[{ label: t("title"), to: "/connectors" }]} badge={<Light account={account} />} actions={actions} summary={first ? <ProblemAlert problem={first} /> : null} facts={<About account={account} />}>
      {started && account.simulated && platform && can("source.write") ? <Simulated account={account} sells={platform.capabilities.includes("orders")} /> : null}
      {started ? <Tasks tasks={account.tasks} /> : can("source.write") ? <SetUp account={account} onChanged={refresh} /> : null}
      <Traffic accountId={account.id} />
    </DetailPage>
  );
}

/** One account of a platform: its light, what it is asked for, what went wrong and what helps, its last calls. */
export function ConnectorPage() {
  const { accountId = "" } = useParams();
  const query = useQuery({ queryKey: ["/connector-accounts", accountId], queryFn: ({ signal }) => api.get<Account>(`/connector-accounts/${accountId}`, undefined, signal), refetchInterval: LOOK_MS });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={12} title />;
  return <Record account={query.data} />;
}
