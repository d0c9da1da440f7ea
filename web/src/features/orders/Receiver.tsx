import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Select, Space } from "antd";
import { useState } from "react";
import { api, queryClient, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";

type Standing = Schemas["ReceiverStanding"];
type Shown = Schemas["ReceiverOut"];
const PURPOSES = ["ship", "after_sale"] as const;

/** What was opened: it is gone when the page is left. */
function Plain({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
  const items = [
    { key: "name", label: t("receiver.name"), value: shown.name || "—" },
    { key: "phone", label: t(shown.virtual ? "receiver.virtual" : "receiver.phone"), value: shown.phone || "—" },
    { key: "address", label: t("receiver.address"), value: shown.address || "—" },
  ];
  return (
    <div aria-live="polite">
      <Facts items={items} />
      <p className="t-faint">{t("receiver.gone")}</p>
    </div>
  );
}

function Opening({ orderId, standing }: { orderId: string; standing: Standing }) {
  const { t } = useTranslation("orders");
  const told = useTold();
  const [purpose, setPurpose] = useState<(typeof PURPOSES)[number]>("ship");
  const open = useMutation({
    mutationFn: () => api.post<Shown>(`/orders/${orderId}/receiver`, { purpose }),
    onError: told.failed,
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ["/orders", orderId, "receiver"] }),
  });
  if (open.data) return <Plain shown={open.data} />;
  return (
    <Space wrap>
      <Select aria-label={t("receiver.purpose")} value={purpose} style={{ minWidth: 120 }} onChange={setPurpose} options={PURPOSES.map((value) => ({ value, label: t(`receiver.for.${value}`) }))} />
      <Button loading={open.isPending} onClick={() => open.mutate()}>
        {t("receiver.open")}
      </Button>
      <span className="t-faint">{t("receiver.left", { count: standing.left_today ?? 0 })}</span>
    </Space>
  );
}

/** Whom a parcel goes to: sealed by the platform, opened by a person for a purpose, on record. */
export function Receiver({ orderId }: { orderId: string }) {
  const { t } = useTranslation("orders");
  const can = useCan();
  const query = useQuery({ queryKey: ["/orders", orderId, "receiver"], queryFn: ({ signal }) => api.get<Standing>(`/orders/${orderId}/receiver`, undefined, signal) });
  if (query.data?.why === "no_platform") return null;
  return (
    <Section title={t("receiver.title")}>
      <Loaded query={query}>
        {(standing) => (
          <>
            {standing.why ? <Alert type="info" showIcon title={t(`receiver.why.${standing.why}`)} /> : null}
            {standing.possible && !can("order.receiver") ? <p className="t-faint">{t("receiver.notAllowed")}</p> : null}
            {standing.possible && can("order.receiver") ? <Opening orderId={orderId} standing={standing} /> : null}
            {standing.openings.length > 0 ? (
              <ul className="t-faint">
                {standing.openings.map((one) => (
                  <li key={one.at}>
                    <Time value={one.at} clock="machine" /> {one.user_name ?? t("receiver.somebody")} · {t(`receiver.for.${one.purpose}`)}
                    {one.outcome === "opened" ? "" : ` · ${t("receiver.failed")}`}
                  </li>
                ))}
              </ul>
            ) : null}
          </>
        )}
      </Loaded>
    </Section>
  );
}
