import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef } from "react";
import { Navigate, Outlet, useLocation, useNavigation } from "react-router";
import { whenSessionEnds } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { ME_KEY, MeContext, useMeQuery } from "@/shared/session";
import { ErrorBoundary, ErrorState, LoadingState } from "@/shared/states";
import { ClockProvider } from "./ClockProvider";
import { Header } from "./Header";
import { SideNav } from "./SideNav";
import styles from "./Shell.module.css";

/** A thin line on top while the next screen's code is on its way. */
function Progress() {
  const { t } = useTranslation("shared");
  const { state } = useNavigation();
  return state === "idle" ? null : <div className={styles.progress} role="progressbar" aria-label={t("state.loading")} />;
}

function Frame() {
  const { t } = useTranslation("app");
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    main.current?.scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className={styles.frame}>
      <a href="#content" className={styles.skip}>
        {t("skipToContent")}
      </a>
      <SideNav />
      <div className={styles.column}>
        <Header />
        <Progress />
        <main id="content" className={styles.main} ref={main} tabIndex={-1}>
          <ErrorBoundary resetKey={pathname}>
            <Suspense fallback={<LoadingState rows={10} title />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </div>
  );
}

/** Everything behind the log-in: knows who is working, or sends them to the door. */
export function Shell() {
  const me = useMeQuery();
  const client = useQueryClient();
  const location = useLocation();
  useEffect(() => {
    whenSessionEnds(() => client.setQueryData(ME_KEY, null));
  }, [client]);
  if (me.isPending) return <LoadingState rows={10} title />;
  if (me.error) return <ErrorState error={me.error} onRetry={() => void me.refetch()} />;
  if (!me.data) return <Navigate to={`/login?next=${encodeURIComponent(location.pathname + location.search)}`} replace />;
  return (
    <MeContext value={me.data}>
      <ClockProvider>
        <Frame />
      </ClockProvider>
    </MeContext>
  );
}
