import { useQuery } from "@tanstack/react-query";
import { Tag } from "antd";
import { Link } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded } from "@/shared/states";

type Credit = Schemas["OrderCreditOut"];
type Dispute = Credit["disputes"][number];
const COLOURS: Record<Dispute["status"], string> = { open: "gold", seconding: "blue", accepted: "green", rejected: "default", withdrawn: "default" };

function instant(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function Shares({ credit }: { credit: Credit }) {
  const { t } = useTranslation("orders");
  if (credit.shares.length === 0) return <>{t("credit.nobody")}</>;
  return (
    <>
      {credit.shares.map((one) => (
        <div key={one.user_id}>
          {one.name} <span className="t-faint">{t("credit.share", { percent: one.bp / 100 })}</span>
        </div>
      ))}
    </>
  );
}

function Disputed({ dispute }: { dispute: Dispute }) {
  const { t } = useTranslation("orders");
  return (
    <div>
      <Tag color={COLOURS[dispute.status]}>{t(`credit.state.${dispute.status}`)}</Tag>
      <Link to="/credit-disputes">{t("credit.disputedBy", { name: dispute.name })}</Link>
    </div>
  );
}

function Whose({ credit }: { credit: Credit }) {
  const { t } = useTranslation("orders");
  const until = instant(credit.evidence.until);
  const since = instant(credit.evidence.renewed_at) ?? instant(credit.evidence.at);
  const rule = credit.rule ?? "nobody";
  return (
    <Facts
      items={[
        { key: "shares", label: t("credit.shares"), value: <Shares credit={credit} /> },
        { key: "rule", label: t("credit.rule"), value: t(`credit.kind.${rule}`) },
        ...(since ? [{ key: "since", label: t("credit.since"), value: <Time value={since} /> }] : []),
        ...(until ? [{ key: "until", label: t("credit.until"), value: <Time value={until} /> }] : []),
        ...(credit.disputes.length > 0 ? [{ key: "disputes", label: t("credit.disputes"), value: <>{credit.disputes.map((one) => <Disputed key={one.id} dispute={one} />)}</> }] : []),
      ]}
    />
  );
}

/** Which advisers an order counts for: their parts, by which rule, protected until when, and whether somebody disputes it. */
export function CreditSection({ orderId }: { orderId: string }) {
  const { t } = useTranslation("orders");
  const may = useCan()("performance.read");
  const query = useQuery({ queryKey: ["/orders", orderId, "credit"], queryFn: ({ signal }) => api.get<Credit>(`/orders/${orderId}/credit`, undefined, signal), enabled: may });
  if (!may) return null;
  return (
    <Section title={t("credit.title")}>
      <Loaded query={query}>{(credit) => (credit.rule === null ? <span className="t-faint">{t("credit.none")}</span> : <Whose credit={credit} />)}</Loaded>
    </Section>
  );
}
