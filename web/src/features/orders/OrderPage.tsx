import { useQuery } from "@tanstack/react-query";
import { Table, Tag } from "antd";
import { Link, useParams } from "react-router";
import { api } from "@/shared/api";
import { Money, Num, Time, useChannelName, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { ErrorState, LoadingState } from "@/shared/states";
import { CreditSection } from "./Credit";
import { Receiver } from "./Receiver";
import { StatusTag } from "./StatusTag";
import type { Order, OrderItem } from "./types";

function Items({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Section title={t("lines")} flush>
      <Table<OrderItem>
        rowKey="line_no"
        dataSource={order.lines}
        pagination={false}
        summary={() => <Sums order={order} />}
        columns={[
          { key: "product", title: t("line.product"), render: (_, row) => row.product ?? row.product_id },
          { key: "category", title: t("line.category"), render: (_, row) => row.category ?? "—" },
          { key: "quantity", title: t("line.quantity"), align: "right", render: (_, row) => <Num value={row.quantity} digits={3} /> },
          { key: "discount", title: t("line.discount"), align: "right", render: (_, row) => <Money value={row.discount} /> },
          { key: "amount", title: t("line.amount"), align: "right", render: (_, row) => <Money value={row.amount} /> },
        ]}
      />
    </Section>
  );
}

/** What leads from the lines to the order's total: freight, or a discount on the whole. */
function Sums({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const beside = Number(order.beside.amount);
  const sum = (key: string, value: React.ReactNode) => (
    <Table.Summary.Row key={key}>
      <Table.Summary.Cell index={0} colSpan={4} align="right">
        {t(`sum.${key}`)}
      </Table.Summary.Cell>
      <Table.Summary.Cell index={4} align="right">
        {value}
      </Table.Summary.Cell>
    </Table.Summary.Row>
  );
  return (
    <Table.Summary>
      {beside === 0 ? null : sum("goods", <Money value={order.goods} />)}
      {beside === 0 ? null : sum(beside > 0 ? "freight" : "off", <Money value={order.beside} />)}
      {sum("total", <strong><Money value={order.total} /></strong>)}
    </Table.Summary>
  );
}

function Refunds({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Section title={t("refunds")}>
      {order.refunds.length === 0 ? <span className="t-faint">{t("refundsNone")}</span> : null}
      <Facts items={order.refunds.map((one) => ({ key: one.id, label: <Time value={one.refunded_at} />, value: <Money value={one.amount} /> }))} />
    </Section>
  );
}

/** What an order of another currency is worth here, and by which rate. */
function Converted({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const { zone } = useMe().tenant;
  const { converted } = order;
  if (!converted) return null;
  if (!converted.total) return <Tag color="error">{t("noRate")}</Tag>;
  const day = converted.rate_day ?? "";
  const earlier = day < new Date(order.paid_at ?? order.placed_at).toLocaleDateString("sv-SE", { timeZone: zone });
  return (
    <>
      <Money value={converted.total} />
      <div className="t-faint">{t(earlier ? "convertedEarlier" : "convertedRate", { day, rate: Number(converted.rate) })}</div>
    </>
  );
}

export function OrderPage() {
  const { t } = useTranslation("orders");
  const { orderId = "" } = useParams();
  const sourceName = useSourceName();
  const channelName = useChannelName();
  const query = useQuery({ queryKey: ["/orders", orderId], queryFn: ({ signal }) => api.get<Order>(`/orders/${orderId}`, undefined, signal) });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} title />;
  const order = query.data;
  const fact = (key: string, value: React.ReactNode) => ({ key, label: t(`column.${key}`), value });
  return (
    <DetailPage
      title={t("one", { number: order.external_id })}
      crumbs={[{ label: t("title"), to: "/orders" }]}
      badge={<StatusTag status={order.status} />}
      facts={
        <>
          <Section title={t("facts")}>
            <Facts
              items={[
                ...(order.customer_id ? [{ key: "customer", label: t("customer"), value: <Link to={`/customers/${order.customer_id}`}>{t("openCustomer")}</Link> }] : []),
                fact("store", order.store ?? "—"),
                fact("channel", channelName(order.sales_channel)),
                fact("source", sourceName(order.source)),
                fact("placed", <Time value={order.placed_at} />),
                fact("paid", <Time value={order.paid_at} />),
                { key: "discount", label: t("discount"), value: <Money value={order.discount} /> },
                fact("total", <Money value={order.total} />),
                ...(order.converted ? [{ key: "converted", label: t("converted"), value: <Converted order={order} /> }] : []),
                fact("refunded", <Money value={order.refunded_total} />),
              ]}
            />
          </Section>
          <Refunds order={order} />
          <CreditSection orderId={order.id} />
          <Receiver orderId={order.id} />
        </>
      }
    >
      <Items order={order} />
    </DetailPage>
  );
}
