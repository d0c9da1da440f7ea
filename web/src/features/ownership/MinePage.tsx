import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Progress, Tabs, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Money, Time } from "@/shared/format";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import { MeContext, useMeQuery } from "@/shared/session";
import { EmptyState, ErrorState, Loaded, LoadingState, useTold } from "@/shared/states";
import { useReason } from "./Entries";
import { amount, type Dispute, type Entry, type Mine, type Ranked } from "./types";
import styles from "./Ownership.module.css";

function Head({ mine }: { mine: Mine }) {
  const { t } = useTranslation("ownership");
  const money = (cents: number) => <Money value={amount(cents, mine.currency)} currency={mine.currency} />;
  return (
    <>
      <h1>{mine.name}</h1>
      <p className="t-faint" style={{ margin: 0 }}>
        {[mine.store, mine.period].filter(Boolean).join(" · ")} {mine.closed ? <Tag>{t("close.closed")}</Tag> : null}
      </p>
      <div className={styles.numbers}>
        <div>
          {t("rank.credit")}
          <strong>{money(mine.cents)}</strong>
        </div>
        <div>
          {t("mine.rank")}
          <strong>{mine.rank ? `${mine.rank} / ${mine.of}` : "—"}</strong>
        </div>
        <div>
          {t("rank.orders")}
          <strong>{mine.orders}</strong>
        </div>
        <div>
          {t("rank.refunded")}
          <strong>{money(mine.refunded_cents)}</strong>
        </div>
      </div>
      {mine.target_cents ? (
        <>
          <span>
            {t("rank.target")} {money(mine.target_cents)}
          </span>
          <Progress aria-label={t("rank.reached")} percent={Math.round((100 * mine.cents) / mine.target_cents)} format={() => `${Math.round((100 * mine.cents) / (mine.target_cents ?? 1))}%`} status="normal" />
        </>
      ) : (
        <p className="t-faint">{t("mine.noTarget")}</p>
      )}
    </>
  );
}

function Orders() {
  const { t } = useTranslation("ownership");
  const reason = useReason();
  const rows = usePages<Entry>("/performance-mine/entries", {}, 50);
  const shown = (
    <>
      <ul className={styles.rows}>
        {rows.items.map((one) => (
          <li key={one.id}>
            <Tag>{t(`cause.${one.cause}`)}</Tag>
            <span>{one.number}</span>
            <strong>
              <Money value={amount(one.amount_cents, one.currency)} currency={one.currency} />
            </strong>
            <small className="t-faint">
              <Time value={one.occurred_at} only="date" /> · {reason(one)}
            </small>
          </li>
        ))}
      </ul>
      {rows.hasNextPage ? (
        <Button block loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t("mine.more")}
        </Button>
      ) : null}
    </>
  );
  return <Loaded query={rows}>{() => (rows.items.length === 0 ? <EmptyState compact title={t("entry.none")} /> : shown)}</Loaded>;
}

function Ranking({ mine }: { mine: Mine }) {
  const { t } = useTranslation("ownership");
  const rows = usePages<Ranked>("/performance-mine/ranking", {}, 200);
  const shown = (
    <ol className={styles.rows} aria-label={t("rank.title")}>
      {rows.items.map((one) => (
        <li key={one.id} aria-current={one.id === mine.user_id}>
          <span className={styles.place}>{one.rank}</span>
          <span>{one.name}</span>
          <Money value={amount(one.cents, mine.currency)} currency={mine.currency} />
        </li>
      ))}
    </ol>
  );
  return <Loaded query={rows}>{() => (rows.items.length === 0 ? <EmptyState compact title={t("entry.none")} /> : shown)}</Loaded>;
}

function Disputes() {
  const { t } = useTranslation("ownership");
  const told = useTold();
  const [form] = Form.useForm<{ number: string; reason: string; percent: number }>();
  const rows = usePages<Dispute>("/performance-mine/disputes");
  const again = () => void queryClient.invalidateQueries({ queryKey: ["/performance-mine/disputes"] });
  const file = useMutation({ mutationFn: (draft: object) => api.post("/credit-disputes", draft), onSuccess: () => (told.done(t("mine.filed")), form.resetFields(), again()), onError: told.failed });
  const withdraw = useMutation({ mutationFn: (id: string) => api.post(`/credit-disputes/${id}/withdraw`), onSuccess: again, onError: told.failed });
  const needed = [{ required: true, message: t("mine.needed") }];
  return (
    <>
      <Form form={form} layout="vertical" initialValues={{ percent: 100 }} onFinish={(draft) => file.mutate(draft)}>
        <Form.Item name="number" label={t("entry.order")} rules={needed}>
          <Input maxLength={128} />
        </Form.Item>
        <Form.Item name="percent" label={t("mine.percent")}>
          <InputNumber min={1} max={100} suffix="%" />
        </Form.Item>
        <Form.Item name="reason" label={t("dispute.reason")} rules={needed}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        <Button block type="primary" htmlType="submit" loading={file.isPending}>
          {t("mine.file")}
        </Button>
      </Form>
      <Loaded query={rows} rows={2} compact>
        {() => (
          <ul className={styles.rows} style={{ marginTop: 12 }}>
            {rows.items.map((one) => (
              <li key={one.id}>
                <Tag>{t(`status.${one.status}`)}</Tag>
                <span>{one.number}</span>
                {one.status === "open" ? (
                  <Button size="small" onClick={() => withdraw.mutate(one.id)}>
                    {t("mine.withdraw")}
                  </Button>
                ) : (
                  <span />
                )}
                <small className="t-faint">{one.reason}</small>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </>
  );
}

function Desk() {
  const { t } = useTranslation("ownership");
  const [tab, setTab] = useState("orders");
  const mine = useQuery({ queryKey: ["/performance-mine"], queryFn: () => api.get<Mine>("/performance-mine") });
  return (
    <Loaded query={mine}>
      {(found) => (
        <>
          <Head mine={found} />
          <Tabs
            size="small"
            activeKey={tab}
            onChange={setTab}
            destroyOnHidden
            items={[
              { key: "orders", label: t("mine.orders"), children: <Orders /> },
              { key: "rank", label: t("mine.ranking"), children: <Ranking mine={found} /> },
              { key: "disputes", label: t("mine.disputes"), children: <Disputes /> },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}

/** An adviser's own month on her phone, 375 px wide: what she earned, her place, her orders, what she disputes. */
export function MinePage() {
  const { t } = useTranslation("ownership");
  const me = useMeQuery();
  useDocumentTitle(t("mine.title"));
  const may = me.data?.permissions.some((one) => one === "*" || one === "sidebar.use");
  return (
    <main className={styles.phone} aria-label={t("mine.title")}>
      {me.isPending ? <LoadingState /> : null}
      {me.error ? <ErrorState error={me.error} onRetry={() => void me.refetch()} /> : null}
      {me.data === null ? (
        <Button type="primary" block href="/login?next=%2Fmine">
          {t("mine.signIn")}
        </Button>
      ) : null}
      {me.data && !may ? <Alert type="warning" showIcon title={t("mine.notAllowed")} /> : null}
      {me.data && may ? (
        <MeContext.Provider value={me.data}>
          <Desk />
        </MeContext.Provider>
      ) : null}
      {me.data ? (
        <p style={{ marginTop: 16 }}>
          <Link to="/home">{t("mine.toApp")}</Link>
        </p>
      ) : null}
    </main>
  );
}
