import { useMutation } from "@tanstack/react-query";
import { App, Button, Typography } from "antd";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { snippetOf, type Site } from "./site";
import styles from "./Sites.module.css";

/** What goes into the pages and onto the server, to be copied. */
export function Snippet({ site, onSecret }: { site: Site; onSecret: (secret: string) => void }) {
  const { t } = useTranslation("sites");
  const { modal } = App.useApp();
  const told = useTold();
  const replace = useMutation({
    mutationFn: () => api.post<Schemas["ShownSecret"]>(`/source-accounts/${site.id}/secret`, {}),
    onSuccess: ({ secret }) => onSecret(secret),
    onError: told.failed,
  });
  const ask = () =>
    modal.confirm({
      title: t("secret"),
      content: t("secretSure"),
      okText: t("secret"),
      cancelText: t("shared:action.cancel"),
      onOk: () => replace.mutateAsync(),
    });
  return (
    <section className={styles.snippet}>
      <h3>{t("key")}</h3>
      <Typography.Text copyable code>
        {site.id}
      </Typography.Text>
      <h3>{t("snippet")}</h3>
      <Typography.Paragraph copyable className={styles.code ?? ""}>
        {snippetOf(site.id, window.location.origin)}
      </Typography.Paragraph>
      <p className="t-soft">{t("snippetHint")}</p>
      <h3>{t("identify")}</h3>
      <p className="t-soft">{t("identifyHint")}</p>
      <Button onClick={ask} loading={replace.isPending}>
        {t("secret")}
      </Button>
    </section>
  );
}
