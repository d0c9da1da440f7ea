import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Modal, Table } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import type { Points as PointsAnswer, PointsEntry } from "../types";
import styles from "./Customer.module.css";

interface Adjustment {
  delta: number;
  reason: string;
}

function AdjustDialog({ customerId, open, onClose }: { customerId: string; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const [form] = Form.useForm<Adjustment>();
  const adjust = useMutation({
    mutationFn: (values: Adjustment) => api.post(`/customers/${customerId}/points`, values),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [`/customers/${customerId}/points`] });
      told.done(t("shared:state.saved"));
      onClose();
    },
    onError: told.failed,
  });
  return (
    <Modal open={open} title={t("points.adjust")} okText={t("points.submit")} cancelText={t("shared:action.cancel")} confirmLoading={adjust.isPending} onCancel={onClose} onOk={() => form.submit()} destroyOnHidden>
      <Form<Adjustment> form={form} layout="vertical" onFinish={(values) => adjust.mutate(values)}>
        <Form.Item name="delta" label={t("points.delta")} rules={[{ required: true }]}>
          <InputNumber precision={0} style={{ width: 160 }} autoFocus />
        </Form.Item>
        <Form.Item name="reason" label={t("points.reason")} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

interface LedgerLine extends PointsEntry {
  delta: number;
  balance: number;
}

/** The balance after each entry, counted back from today's: entries come newest first. */
function withBalance(entries: readonly PointsEntry[], balance: number): LedgerLine[] {
  let after = balance;
  return entries.map((entry) => {
    const delta = entry.to_account === "balance" ? entry.amount : -entry.amount;
    const line = { ...entry, delta, balance: after };
    after -= delta;
    return line;
  });
}

function Ledger({ entries, balance }: { entries: PointsEntry[]; balance: number }) {
  const { t } = useTranslation("customers");
  const other = (row: LedgerLine) => (row.to_account === "balance" ? row.from_account : row.to_account);
  return (
    <Table<LedgerLine>
      size="small"
      rowKey="id"
      dataSource={withBalance(entries, balance)}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      columns={[
        { key: "at", title: t("points.entry.at"), render: (_, row) => <Time value={row.posted_at} /> },
        { key: "account", title: t("points.entry.account"), render: (_, row) => t(`points.account.${other(row)}`, { defaultValue: other(row) }) },
        {
          key: "delta",
          title: t("points.entry.delta"),
          align: "right",
          render: (_, row) => (
            <span className={row.delta >= 0 ? styles.plus : styles.minus}>
              {row.delta > 0 ? "+" : ""}
              <Num value={row.delta} />
            </span>
          ),
        },
        { key: "balance", title: t("points.entry.balance"), align: "right", render: (_, row) => <Num value={row.balance} /> },
        { key: "reason", title: t("points.entry.reason"), render: (_, row) => row.reason },
      ]}
    />
  );
}

export function Points({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const can = useCan();
  const [adjusting, setAdjusting] = useState(false);
  const path = `/customers/${customerId}/points`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<PointsAnswer>(path, undefined, signal) });
  return (
    <Loaded query={query} rows={5}>
      {(points) => (
        <>
          <div className={styles.balance}>
            <div>
              <div className="t-faint">{t("points.balance")}</div>
              <div className={`${styles.balanceValue} t-num`}>
                <Num value={points.balance} />
              </div>
            </div>
            {can("points.write") ? <Button onClick={() => setAdjusting(true)}>{t("points.adjust")}</Button> : null}
          </div>
          {points.entries.length === 0 ? <EmptyState compact title={t("points.none")} /> : null}
          {points.lots.length > 0 ? (
            <>
              <h3 className={styles.heading}>{t("points.lots")}</h3>
              <div className={styles.lots}>
                {points.lots.map((lot) => (
                  <div key={lot.id} className={styles.lot}>
                    <strong className="t-num">{t("points.remaining", { remaining: lot.remaining, earned: lot.earned })}</strong>
                    <div className="t-faint">
                      {t("points.earned")} <Time value={lot.earned_at} only="date" />
                    </div>
                    <div className="t-faint">{lot.expires_at ? <>{t("points.expires")} <Time value={lot.expires_at} only="date" /></> : t("points.noExpiry")}</div>
                  </div>
                ))}
              </div>
            </>
          ) : null}
          {points.entries.length > 0 ? (
            <>
              <h3 className={styles.heading}>{t("points.entries")}</h3>
              <Ledger entries={points.entries} balance={points.balance} />
            </>
          ) : null}
          <AdjustDialog customerId={customerId} open={adjusting} onClose={() => setAdjusting(false)} />
        </>
      )}
    </Loaded>
  );
}
