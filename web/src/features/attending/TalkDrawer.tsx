import { Button } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Bubbles, type Bubble } from "@/shared/chat";
import { useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState } from "@/shared/states";
import type { Message, Talk } from "./types";

function Body({ message }: { message: Message }) {
  const { t } = useTranslation("attending");
  return (
    <>
      {message.text || t(`kind.${message.kind}`, { defaultValue: t("kind.other") })}
      {message.choices.length > 0 ? (
        <ul style={{ margin: "4px 0 0", paddingInlineStart: 20 }}>
          {message.choices.map((label) => (
            <li key={label}>{label}</li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** One talk at a desk: what was said by whom, and why the desk said what it said. */
export function TalkDrawer({ talk }: { talk: Talk }) {
  const { t } = useTranslation("attending");
  const rows = usePages<Message>(`/desk-talks/${talk.id}/messages`);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  const who = { customer: talk.customer ?? t("talk.nameless"), desk: t("by.desk"), staff: t("by.staff") };
  const items: Bubble[] = [...rows.items].reverse().map((one) => ({
    id: one.id,
    at: one.at,
    theirs: one.said_by === "customer",
    who: one.said_by === "staff" && one.member ? one.member : who[one.said_by],
    text: <Body message={one} />,
    notes: [one.said_by === "customer" && one.why ? t(`why.${one.why}`, { defaultValue: "" }) : "", one.article ? t("talk.article", { title: one.article }) : "", one.said_by === "desk" ? t(`sent.${one.state}`) : "", one.problem ?? ""].filter(Boolean),
    words: [],
  }));
  return (
    <>
      <p>
        <Link to={`/customers/${talk.customer_id}`}>{t("talk.toCustomer")}</Link>
      </p>
      {rows.hasNextPage ? (
        <p style={{ textAlign: "center" }}>
          <Button size="small" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            {t("talk.earlier")}
          </Button>
        </p>
      ) : null}
      <Bubbles label={t("talk.said")} items={items} />
    </>
  );
}
