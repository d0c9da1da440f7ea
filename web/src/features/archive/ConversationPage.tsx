import { useQuery } from "@tanstack/react-query";
import { Button, Input, Tag } from "antd";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { api, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { Talked } from "./Talked";
import type { Message, Talk } from "./types";

/** One chat, as the two saw it. */
export function ConversationPage() {
  const { t } = useTranslation("archive");
  const { talkId = "" } = useParams();
  const [q, setQ] = useState("");
  const until = useSearchParams()[0].get("until") ?? undefined;
  const query = useQuery({ queryKey: ["/archive/talks", talkId], queryFn: ({ signal }) => api.get<Talk>(`/archive/talks/${talkId}`, undefined, signal) });
  const rows = usePages<Message>(`/archive/talks/${talkId}/messages`, { q: q.trim() || undefined, until }, 50, query.isSuccess);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const talk = query.data;
  const name = talk.customer ?? t("talk.nameless");
  const facts = (
    <Section title={t("talk.facts")}>
      <Facts
        items={[
          { key: "customer", label: t("talk.customer"), value: <Link to={`/customers/${talk.customer_id}`}>{name}</Link> },
          { key: "adviser", label: t("talk.adviser"), value: talk.adviser },
          { key: "messages", label: t("talk.messages"), value: <Num value={talk.messages} /> },
          { key: "hits", label: t("talk.hits"), value: <Num value={talk.hits} /> },
          { key: "first", label: t("talk.first"), value: <Time value={talk.first_at} /> },
          { key: "last", label: t("talk.last"), value: <Time value={talk.last_at} /> },
          { key: "waiting", label: t("talk.waiting"), value: talk.waiting_since ? <Time value={talk.waiting_since} /> : t("talk.nobody") },
        ]}
      />
      <p className="t-faint">{t("talk.audited")}</p>
    </Section>
  );
  return (
    <DetailPage title={t("talk.between", { customer: name, adviser: talk.adviser })} crumbs={[{ label: t("talk.title"), to: "/chats" }]} badge={talk.alarmed_at ? <Tag color="red">{t("talk.late")}</Tag> : null} facts={facts}>
      <Section title={t("talk.said")} extra={<Input.Search allowClear aria-label={t("talk.search")} placeholder={t("talk.search")} style={{ width: 220 }} onSearch={setQ} />}>
        {until ? (
          <p className="t-faint" style={{ marginBottom: 12 }}>
            {t("talk.until")} <Time value={until} /> <Link to={`/chats/${talk.id}`}>{t("talk.newest")}</Link>
          </p>
        ) : null}
        {rows.hasNextPage ? (
          <p style={{ textAlign: "center" }}>
            <Button size="small" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
              {t("talk.earlier")}
            </Button>
          </p>
        ) : null}
        {rows.error ? <ErrorState error={rows.error} onRetry={() => void rows.refetch()} /> : rows.isPending ? <LoadingState rows={6} /> : rows.items.length === 0 ? <EmptyState title={t("talk.noMatch")} hint={t("talk.noMatchHint")} /> : <Talked messages={rows.items} talk={talk.id} customer={name} adviser={talk.adviser} />}
      </Section>
    </DetailPage>
  );
}
