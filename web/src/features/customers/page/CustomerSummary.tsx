import { EyeOutlined, StopOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Avatar, Button, Tag, Tooltip } from "antd";
import type { ReactNode } from "react";
import { api } from "@/shared/api";
import { Money, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Customer } from "../types";
import styles from "./Customer.module.css";

/** Full numbers are fetched one at a time, and each look is written down. */
function Phone({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const reveal = useMutation({
    mutationFn: () => api.post<{ value: string }>(`/customers/${customer.id}/reveal`, { field: "phone" }),
    onError: told.failed,
  });
  const can = useCan();
  if (!customer.phone) return null;
  const shown = reveal.data?.value;
  return (
    <span className={styles.phone}>
      <span className="t-num" role={shown ? "status" : undefined}>
        {shown ?? customer.phone}
      </span>
      {shown || !can("customer.write") ? null : (
        <Tooltip title={t("reveal")}>
          <Button size="small" type="text" icon={<EyeOutlined />} aria-label={t("reveal")} loading={reveal.isPending} onClick={() => reveal.mutate()} />
        </Tooltip>
      )}
    </span>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.figure}>
      <span className={styles.figureLabel}>{label}</span>
      <span className={styles.figureValue}>{children}</span>
    </div>
  );
}

export function CustomerSummary({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const name = customer.name ?? t("unnamed");
  const { profile } = customer;
  return (
    <section className={styles.summary} aria-label={name}>
      <Avatar size={52} className={styles.avatar ?? ""}>
        {name.slice(0, 1)}
      </Avatar>
      <div className={styles.who}>
        <div className={styles.name}>
          <Phone customer={customer} />
        </div>
        <div className={styles.marks}>
          {customer.stage ? <Tag>{customer.stage}</Tag> : null}
          {customer.level ? <Tag color="success">{customer.level}</Tag> : null}
          {customer.store ? <span className="t-soft">{customer.store.name}</span> : null}
          {customer.do_not_contact ? (
            <Tag color="error" icon={<StopOutlined />}>
              {t("doNotContact")}
            </Tag>
          ) : null}
        </div>
      </div>
      <div className={styles.figures}>
        <Figure label={t("summary.orders")}>
          <Num value={profile?.order_count ?? 0} />
        </Figure>
        <Figure label={t("summary.spend")}>
          <Money value={profile?.spend_total} waiting={profile?.orders_waiting ?? 0} />
        </Figure>
        <Figure label={t("summary.average")}>
          <Money value={profile?.average_order_value} waiting={profile?.orders_waiting ?? 0} />
        </Figure>
        <Figure label={t("summary.lastOrder")}>
          <Time value={profile?.last_order_at} only="date" />
        </Figure>
      </div>
    </section>
  );
}
