import { Button, Tag } from "antd";
import { usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";

type Said = Schemas["SaidOut"];

function Message({ said }: { said: Said }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const hers = said.by === "customer";
  return (
    <li style={{ display: "flex", flexDirection: "column", alignItems: hers ? "flex-start" : "flex-end", marginBottom: 12 }}>
      <span className="t-faint">
        {hers ? t("conversation.she") : t("conversation.staff")} · {say(said.way)} · <Time value={said.at} />
      </span>
      <span style={{ maxWidth: "70%", padding: "6px 12px", borderRadius: 10, background: hers ? "var(--t-paper)" : "var(--t-tint)", border: "1px solid var(--t-line)" }}>{said.text ?? <span className="t-faint">{t("conversation.closed")}</span>}</span>
      {said.topic || said.about ? (
        <span style={{ marginTop: 4 }}>
          {said.topic ? <Tag>{said.topic}</Tag> : null}
          {said.about ? <span className="t-faint">{t("conversation.about", { order: said.about })}</span> : null}
        </span>
      ) : null}
    </li>
  );
}

/** What she wrote on every platform and was answered, in one line of time, the latest first. */
export function Conversation({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const rows = usePages<Said>(`/customers/${customerId}/conversation`);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={4} />;
  if (rows.items.length === 0) return <EmptyState compact title={t("conversation.none")} />;
  return (
    <>
      <ol aria-label={t("tab.conversation")} style={{ margin: 0, padding: 0, listStyle: "none" }}>
        {rows.items.map((one) => (
          <Message key={one.event_id} said={one} />
        ))}
      </ol>
      {rows.hasNextPage ? (
        <Button loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t("conversation.more")}
        </Button>
      ) : null}
    </>
  );
}
