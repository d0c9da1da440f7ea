import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Spin } from "antd";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, asApiError, queryClient, setCsrfToken, type Schemas } from "@/shared/api";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import { ME_KEY } from "@/shared/session";
import { safeNext } from "./next";
import styles from "./LoginPage.module.css";

/** Where a platform's page sends people back to: the code is handed over once, by a POST. */
export function ArrivalPage() {
  const { t } = useTranslation("login");
  const { accountId = "" } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  useDocumentTitle(t("title"));
  const [code, state] = [search.get("authCode") ?? search.get("code"), search.get("state")];
  const enter = useQuery({
    queryKey: ["/sign-in/session", state],
    enabled: Boolean(code && state),
    retry: false,
    staleTime: Infinity,
    queryFn: async () => {
      const signed = await api.post<Schemas["SignedInOut"]>("/sign-in/session", { account_id: accountId, code, state });
      setCsrfToken(signed.csrf);
      await queryClient.resetQueries({ queryKey: ME_KEY });
      await navigate(safeNext(signed.next), { replace: true });
      return signed;
    },
  });
  const wrong = enter.error ? asApiError(enter.error).sentence : code && state ? null : t("noCode");
  return (
    <main className={styles.arrival}>
      <h1 className="t-hidden">{t("title")}</h1>
      {wrong ? (
        <>
          <Alert type="error" showIcon title={wrong} />
          <Button type="primary" block href="/login" style={{ marginTop: 12 }}>{t("back")}</Button>
        </>
      ) : (
        <p><Spin /> {t("arriving")}</p>
      )}
    </main>
  );
}
