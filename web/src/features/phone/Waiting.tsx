import { Button, Tag } from "antd";
import { Link } from "react-router";
import { usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import styles from "./Phone.module.css";

/** All that one was told and that still needs somebody. */
export function Waiting({ to, below = false }: { to: (id: string) => string; below?: boolean }) {
  const { t } = useTranslation("phone");
  const say = useSay();
  const rows = usePages<Schemas["NoticeOut"]>("/notices", { waiting: "true" });
  if (rows.isPending) return <LoadingState />;
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  return (
    <>
      {below ? null : <h1 className={styles.title}>{t("waiting")}</h1>}
      {rows.items.length === 0 ? <EmptyState drawing="done" title={t("nothing")} hint={t("nothingHint")} /> : null}
      <ul className={`t-plain ${styles.list}`}>
        {rows.items.map((one) => (
          <li key={one.id}>
            <Link to={to(one.id)}>{say(one.title)}</Link>
            <span className="t-quiet">
              {one.urgent ? <Tag color="error">{t("urgent")}</Tag> : null}
              <Time value={one.made_at} clock="machine" />
            </span>
          </li>
        ))}
      </ul>
      {rows.hasNextPage ? <Button block onClick={() => void rows.fetchNextPage()}>{t("older")}</Button> : null}
    </>
  );
}
