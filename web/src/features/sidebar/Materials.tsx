import { useQuery } from "@tanstack/react-query";
import { Button, Space } from "antd";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { useSaying } from "./useDesk";
import styles from "./Sidebar.module.css";

/** Materials with links of her own: whether she reads them is told. */
export function Materials({ customer }: { customer: string }) {
  const { t } = useTranslation("sidebar");
  const query = useQuery({ queryKey: ["/sidebar/materials", customer], queryFn: ({ signal }) => api.get<{ items: Schemas["MaterialLink"][] }>(`/sidebar/customers/${customer}/materials`, undefined, signal) });
  const saying = useSaying();
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState />;
  if (query.data.items.length === 0) return <EmptyState title={t("materials.none")} hint={t("words.noneHint")} />;
  return query.data.items.map((one) => {
    const link = one.link.startsWith("/") ? `${window.location.origin}${one.link}` : one.link;
    return (
      <article key={one.id} className={styles.card}>
        <strong>{one.name}</strong> <span className="t-faint">{[one.folder, one.product].filter(Boolean).join(" · ")}</span>
        <div style={{ marginTop: 8 }}>
          <Space>
            <Button size="small" type="primary" onClick={() => saying.mutate(`${one.name} ${link}`)}>
              {t("materials.send")}
            </Button>
            <Button size="small" href={link} target="_blank">
              {t("materials.open")}
            </Button>
          </Space>
        </div>
      </article>
    );
  });
}
