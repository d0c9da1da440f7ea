import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Popconfirm, Table, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Money, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, Loaded, LoadingState, useTold } from "@/shared/states";
import styles from "./Customer.module.css";
import { ReferrerDialog } from "./ReferrerDialog";

type Referral = Schemas["ReferralOut"];
type Referrer = Schemas["ReferrerOut"];

const colours: Record<Referral["state"], string> = { came: "default", paid: "success", known: "warning" };

function State({ state }: { state: Referral["state"] }) {
  const { t } = useTranslation("customers");
  return <Tag color={colours[state]}>{t(`referrals.states.${state}`)}</Tag>;
}

/** Whoever may not read her sees that there is somebody, not who. */
function Who({ id, name }: { id: string; name: string | null }) {
  const { t } = useTranslation("customers");
  return name === null ? <span className="t-faint">{t("referrals.hidden")}</span> : <Link to={`/customers/${id}`}>{name}</Link>;
}

function CameBy({ customerId, referrer }: { customerId: string; referrer: Referrer | null }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const writes = useCan()("customer.write");
  const [noting, setNoting] = useState(false);
  const withdraw = useMutation({
    mutationFn: () => api.delete(`/customers/${customerId}/referrer`),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/customers", customerId, "referrer"] });
      told.done(t("referrals.withdrawn"));
    },
    onError: told.failed,
  });
  return (
    <div className={styles.balance}>
      <div>
        <div className="t-faint">{t("referrals.by")}</div>
        {referrer ? (
          <div>
            <strong>
              <Who id={referrer.customer_id} name={referrer.name} />
            </strong>{" "}
            <State state={referrer.state} />
            <span className="t-faint">
              {referrer.campaign || t(`referrals.sources.${referrer.source}`)} · <Time value={referrer.came_at} />
            </span>
          </div>
        ) : (
          <div>{t("referrals.nobody")}</div>
        )}
      </div>
      {writes && !referrer ? <Button onClick={() => setNoting(true)}>{t("referrals.note")}</Button> : null}
      {writes && referrer && referrer.state !== "paid" ? (
        <Popconfirm title={t("referrals.withdrawAsk")} okText={t("referrals.withdraw")} cancelText={t("shared:action.cancel")} onConfirm={() => withdraw.mutate()}>
          <Button loading={withdraw.isPending}>{t("referrals.withdraw")}</Button>
        </Popconfirm>
      ) : null}
      <ReferrerDialog customerId={customerId} open={noting} onClose={() => setNoting(false)} />
    </div>
  );
}

function Brought({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const rows = usePages<Referral>(`/customers/${customerId}/referrals`, {}, 100);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={3} />;
  if (rows.items.length === 0) return <EmptyState compact title={t("referrals.none")} />;
  return (
    <Table<Referral>
      size="small"
      rowKey="id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "who", title: t("referrals.friend"), render: (_, row) => <Who id={row.customer_id} name={row.name} /> },
        { key: "campaign", title: t("referrals.campaign"), render: (_, row) => row.campaign || "—" },
        { key: "came", title: t("referrals.cameAt"), render: (_, row) => <Time value={row.came_at} /> },
        { key: "state", title: t("referrals.state"), render: (_, row) => <State state={row.state} /> },
        { key: "paid", title: t("referrals.paidAt"), render: (_, row) => <Time value={row.paid_at} /> },
        { key: "amount", title: t("referrals.amount"), align: "right", render: (_, row) => (row.amount ? <Money value={row.amount} /> : "—") },
      ]}
    />
  );
}

/** By whom she came, and whom she brought. */
export function Referrals({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const query = useQuery({
    queryKey: ["/customers", customerId, "referrer"],
    queryFn: ({ signal }) => api.get<Schemas["CameByOut"]>(`/customers/${customerId}/referrer`, undefined, signal),
  });
  return (
    <Loaded query={query} rows={3}>
      {({ referrer }) => (
        <>
          <CameBy customerId={customerId} referrer={referrer} />
          <h3 className={styles.heading}>{t("referrals.brought")}</h3>
          <Brought customerId={customerId} />
        </>
      )}
    </Loaded>
  );
}
