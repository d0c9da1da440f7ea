import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Tabs } from "antd";
import { useEffect, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, asApiError, queryClient, setCsrfToken, type Schemas } from "@/shared/api";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import { ME_KEY, MeContext, useMeQuery } from "@/shared/session";
import { ErrorState, LoadingState } from "@/shared/states";
import { Card } from "./Card";
import { Materials } from "./Materials";
import { Picker } from "./Picker";
import { StartFlows } from "./StartFlows";
import { TalkScripts } from "./TalkScripts";
import { currentContact, insideWecom } from "./wecom";
import styles from "./Sidebar.module.css";

/** Nobody is signed in: inside of WeCom it says who she is, elsewhere the ordinary log-in does. */
function SignIn({ account }: { account: string | undefined }) {
  const { t } = useTranslation("sidebar");
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const [code, state] = [search.get("code"), search.get("state")];
  const enter = useQuery({
    queryKey: ["/sidebar/session", code, state],
    enabled: Boolean(account && code && state),
    retry: false,
    queryFn: async () => {
      const signed = await api.post<Schemas["SignedInAs"]>("/sidebar/session", { account_id: account, code, state });
      setCsrfToken(signed.csrf);
      await navigate(`/sidebar/${account}`, { replace: true });
      await queryClient.resetQueries({ queryKey: ME_KEY });
      return signed;
    },
  });
  const leaving = Boolean(account && !code && insideWecom());
  useEffect(() => {
    if (leaving) window.location.replace(`/v1/sidebar/entry/${account}`);
  }, [leaving, account]);
  if (enter.error) return <Alert type="error" showIcon title={asApiError(enter.error).sentence} />;
  if (leaving || enter.isFetching) return <p>{t("signingIn")}</p>;
  return (
    <>
      <p>{t("signInHint")}</p>
      <Button type="primary" block href={`/login?next=${encodeURIComponent(account ? `/sidebar/${account}` : "/sidebar")}`}>
        {t("signIn")}
      </Button>
    </>
  );
}

/** Whom the chat is with: WeCom says it, or whoever tries the page chooses. */
function useCustomer(account: string | undefined) {
  const [chosen, choose] = useState<string | null>(null);
  const asked = useQuery({
    queryKey: ["/sidebar/external", account],
    enabled: Boolean(account) && insideWecom(),
    retry: false,
    queryFn: async () => api.get<Schemas["Friend"]>(`/sidebar/external/${account}/${encodeURIComponent(await currentContact(account ?? ""))}`),
  });
  return { customer: chosen ?? asked.data?.id ?? null, choose, asked };
}

function Desk({ account }: { account: string | undefined }) {
  const { t } = useTranslation("sidebar");
  const { customer, choose, asked } = useCustomer(account);
  if (asked.isLoading) return <LoadingState />;
  return (
    <>
      {asked.error ? <Alert type="warning" showIcon style={{ marginBottom: 8 }} title={asApiError(asked.error).sentence} /> : null}
      {asked.data ? null : <Picker value={customer} onChange={choose} />}
      {customer ? (
        <Tabs
          key={customer}
          size="small"
          destroyOnHidden
          items={[
            { key: "card", label: t("tab.card"), children: <Card customer={customer} /> },
            { key: "words", label: t("tab.words"), children: <TalkScripts customer={customer} /> },
            { key: "materials", label: t("tab.materials"), children: <Materials customer={customer} /> },
            { key: "start", label: t("tab.start"), children: <StartFlows customer={customer} /> },
          ]}
        />
      ) : null}
    </>
  );
}

/** The page beside a chat, 375 px wide: in WeCom's tool bar, or anywhere for trying. */
export function SidebarPage() {
  const { t } = useTranslation("sidebar");
  const { accountId } = useParams();
  const me = useMeQuery();
  useDocumentTitle(t("title"));
  const may = me.data?.permissions.some((one) => one === "*" || one === "sidebar.use");
  return (
    <main className={styles.page} aria-label={t("title")}>
      {me.isPending ? <LoadingState /> : null}
      {me.error ? <ErrorState error={me.error} onRetry={() => void me.refetch()} /> : null}
      {me.data === null ? <SignIn account={accountId} /> : null}
      {me.data && !may ? <Alert type="warning" showIcon title={t("notAllowed")} /> : null}
      {me.data && may ? (
        <MeContext.Provider value={me.data}>
          <Desk account={accountId} />
        </MeContext.Provider>
      ) : null}
    </main>
  );
}
