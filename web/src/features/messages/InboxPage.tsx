import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { formatClock, formatDate, useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { Page } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { ChannelMode } from "./ChannelMode";
import { Phone } from "./Phone";
import type { PhoneText } from "./types";
import styles from "./Messages.module.css";

const topics = ["inbox"];

/** The latest text of each phone, newest first. */
function phonesOf(texts: readonly PhoneText[]): PhoneText[] {
  const seen = new Map<string, PhoneText>();
  for (const text of texts) if (!seen.has(text.customer_id)) seen.set(text.customer_id, text);
  return [...seen.values()];
}

function When({ at }: { at: string }) {
  const { zone } = useMe().tenant;
  const now = useBusinessNow();
  const day = formatDate(at, zone);
  return <span className={`${styles.when} t-num`}>{day === formatDate(now, zone) ? formatClock(at, zone) : day.slice(5)}</span>;
}

function PhoneLine({ text, chosen, onPick }: { text: PhoneText; chosen: boolean; onPick: () => void }) {
  const { t } = useTranslation("messages");
  return (
    <li>
      <button type="button" className={styles.phoneLine} aria-pressed={chosen} onClick={onPick}>
        <span className={styles.phoneWho}>
          {text.customer_name ?? (
            <>
              {t("inbox.customer")} <code>{text.customer_id.slice(-6)}</code>
            </>
          )}
        </span>
        <When at={text.delivered_at} />
        <span className={styles.phoneText}>{text.text}</span>
      </button>
    </li>
  );
}

function Chosen({ customerId }: { customerId: string }) {
  const { t } = useTranslation("messages");
  const texts = usePages<PhoneText>("/simulated-inbox", { customer_id: customerId }, 100);
  const customer = useQuery({ queryKey: ["/customers", customerId], queryFn: ({ signal }) => api.get<{ name: string | null }>(`/customers/${customerId}`, undefined, signal) });
  const name = customer.data?.name ?? customerId.slice(-6);
  if (texts.error) return <ErrorState error={texts.error} onRetry={() => void texts.refetch()} />;
  if (texts.isPending) return <LoadingState rows={6} />;
  return (
    <div className={styles.phoneSide}>
      <Phone name={name} texts={[...texts.items].reverse()} />
      <Link to={`/customers/${customerId}`}>{t("inbox.openCustomer")}</Link>
    </div>
  );
}

export function InboxPage() {
  const { t } = useTranslation("messages");
  const filters = useUrlFilters(["customer"]);
  const rows = usePages<PhoneText>("/simulated-inbox", {}, 100);
  useLive(topics, () => void queryClient.invalidateQueries({ queryKey: ["/simulated-inbox"] }));
  const phones = useMemo(() => phonesOf(rows.items), [rows.items]);
  const chosen = filters.values.customer ?? phones[0]?.customer_id ?? null;
  const body = () => {
    if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
    if (rows.isPending) return <LoadingState rows={10} />;
    if (phones.length === 0 && !chosen) return <EmptyState title={t("inbox.emptyTitle")} hint={t("inbox.emptyHint")} />;
    return (
      <div className={styles.inbox}>
        <div className={styles.phones}>
          <ul className="t-plain" aria-label={t("inbox.list")}>
            {phones.map((text) => (
              <PhoneLine key={text.customer_id} text={text} chosen={text.customer_id === chosen} onPick={() => filters.set({ customer: text.customer_id })} />
            ))}
          </ul>
          {rows.hasNextPage ? (
            <Button type="text" block loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
              {t("shared:action.loadMore")}
            </Button>
          ) : null}
        </div>
        {chosen ? <Chosen key={chosen} customerId={chosen} /> : <EmptyState title={t("inbox.pick")} />}
      </div>
    );
  };
  return (
    <Page title={t("inbox.title")} lead={t("inbox.lead")} actions={<ChannelMode />} fill>
      {body()}
    </Page>
  );
}
