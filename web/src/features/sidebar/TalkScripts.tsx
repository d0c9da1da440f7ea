import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useDeferredValue, useState } from "react";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { useScript, type Script } from "./useDesk";
import { insideWecom } from "./wecom";
import styles from "./Sidebar.module.css";

/** Words ready to be said, filled in for her, by folder. */
export function TalkScripts({ customer }: { customer: string }) {
  const { t } = useTranslation("sidebar");
  const [q, setQ] = useState("");
  const wanted = useDeferredValue(q);
  const query = useQuery({ queryKey: ["/sidebar/scripts", customer, wanted], queryFn: ({ signal }) => api.get<{ items: Script[] }>(`/sidebar/customers/${customer}/scripts`, { q: wanted }, signal) });
  const use = useScript(customer);
  const rows = query.data?.items ?? [];
  const folders = [...new Set(rows.map((one) => one.folder))];
  return (
    <>
      <Input.Search allowClear aria-label={t("words.search")} placeholder={t("words.search")} value={q} onChange={(event) => setQ(event.target.value)} style={{ marginBottom: 10 }} />
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <LoadingState /> : null}
      {query.data && rows.length === 0 ? <EmptyState title={t("words.none")} hint={t("words.noneHint")} /> : null}
      {folders.map((folder) => (
        <section key={folder} className={styles.part}>
          <h2>{folder || t("words.noFolder")}</h2>
          {rows
            .filter((one) => one.folder === folder)
            .map((one) => (
              <article key={one.id} className={styles.card}>
                <strong>{one.title}</strong> <span className="t-faint">{t("words.used", { n: one.uses })}</span>
                <p>{one.text}</p>
                {one.missing.length > 0 ? <p className="t-faint">{t("hint.missing")}</p> : null}
                <Button size="small" type="primary" loading={use.isPending && use.variables === one.id} onClick={() => use.mutate(one.id)}>
                  {insideWecom() ? t("words.use") : t("words.copy")}
                </Button>
              </article>
            ))}
        </section>
      ))}
    </>
  );
}
