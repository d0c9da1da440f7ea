import { useEffect } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import { MeContext, useMeQuery } from "@/shared/session";
import { ErrorState, LoadingState } from "@/shared/states";
import { Asked } from "./Asked";
import { Waiting } from "./Waiting";
import styles from "./Phone.module.css";

/** Nobody is signed in: the platform's app says who holds this phone, and brings her back here. */
function Enter({ account }: { account: string }) {
  const { t } = useTranslation("phone");
  const { pathname } = useLocation();
  useEffect(() => {
    window.location.replace(`/v1/sign-in/${account}/begin?inside=true&next=${encodeURIComponent(pathname)}`);
  }, [account, pathname]);
  return <p>{t("signingIn")}</p>;
}

/** The page that a card on the phone opens, 375 px wide: one thing that is asked, or all that waits. */
export function PhonePage() {
  const { t } = useTranslation("phone");
  const { accountId = "", noticeId = "list" } = useParams();
  const me = useMeQuery();
  useDocumentTitle(t("title"));
  return (
    <main className={styles.page} aria-label={t("title")}>
      {me.isPending ? <LoadingState /> : null}
      {me.error ? <ErrorState error={me.error} onRetry={() => void me.refetch()} /> : null}
      {me.data === null ? <Enter account={accountId} /> : null}
      {me.data ? (
        <MeContext.Provider value={me.data}>
          {noticeId === "list" ? <Waiting to={(id) => `/phone/${accountId}/${id}`} /> : <Asked key={noticeId} id={noticeId} />}
          {noticeId === "list" ? null : <p className={styles.more}><Link to={`/phone/${accountId}/list`}>{t("all")}</Link></p>}
        </MeContext.Provider>
      ) : null}
    </main>
  );
}
