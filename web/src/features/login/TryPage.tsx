import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Space } from "antd";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, asApiError, type Schemas } from "@/shared/api";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import styles from "./LoginPage.module.css";

/** In place of a platform's page: whom of a demo's simulated company one wants to be. */
export function TryPage() {
  const { t } = useTranslation("login");
  const { accountId = "" } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  useDocumentTitle(t("tryTitle"));
  const found = useQuery({ queryKey: ["/sign-in/members", accountId], retry: false, queryFn: ({ signal }) => api.get<Schemas["SimulatedMembers"]>(`/sign-in/${accountId}/members`, undefined, signal) });
  const choose = useMutation({
    mutationFn: (member: string) => api.post<Schemas["SimulatedCode"]>(`/sign-in/${accountId}/members/${encodeURIComponent(member)}/code`),
    onSuccess: ({ code }) => navigate(`/sign-in/${accountId}?code=${encodeURIComponent(code)}&state=${encodeURIComponent(search.get("state") ?? "")}`),
  });
  const error = found.error ?? choose.error;
  return (
    <main className={styles.arrival}>
      <h1 className={styles.title}>{t("tryTitle")}</h1>
      <p style={{ marginBottom: 16 }}>{t("tryHint")}</p>
      {error ? <Alert type="error" showIcon title={asApiError(error).sentence} /> : null}
      {found.data?.members.length === 0 ? <Alert type="info" showIcon title={t("tryNobody")} /> : null}
      <Space orientation="vertical" style={{ width: "100%" }}>
        {found.data?.members.map((one) => (
          <Button key={one.member} block size="large" loading={choose.isPending && choose.variables === one.member} onClick={() => choose.mutate(one.member)}>
            {one.name}
          </Button>
        ))}
        <Button type="link" block href="/login">{t("back")}</Button>
      </Space>
    </main>
  );
}
