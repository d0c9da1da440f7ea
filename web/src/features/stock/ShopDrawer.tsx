import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Descriptions, InputNumber, Space, Table, Tag } from "antd";
import { useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { MachineTimeHint, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";

type ShopStock = Schemas["ShopStock"];
type Push = Schemas["PushOut"];
type Item = Schemas["StockLevel"];

const COLOURS = { waiting: "default", asking: "blue", done: "green", refused: "red", overtaken: "default" } as const;

const pushesOf = (item: Item) => `/stock-levels/${item.id}/pushes`;

/** The number to tell: what would change is shown before it is told, and the shop's answer after. */
function Telling({ item, shop }: { item: Item; shop: ShopStock }) {
  const { t } = useTranslation("stock");
  const say = useSay();
  const { modal } = App.useApp();
  const told = useTold();
  const now = Number(shop.quantity);
  const [quantity, setQuantity] = useState<number | null>(Math.max(0, now));
  const path = `/stock-levels/${item.id}/shop`;
  const pushes = pushesOf(item);
  const publish = useMutation({
    mutationFn: () => api.post<ShopStock>(`/stock-levels/${item.id}/publish`, { quantity, was: shop.quantity }),
    onSuccess: (answer) => (queryClient.setQueryData([path], answer), void queryClient.invalidateQueries({ queryKey: ["/stock-levels"] }), void queryClient.invalidateQueries({ queryKey: [pushes] }), told.done(t("shop.done"))),
    onError: (error) => (told.failed(error), void queryClient.invalidateQueries({ queryKey: [path] }), void queryClient.invalidateQueries({ queryKey: [pushes] })),
  });
  const ask = () =>
    modal.confirm({
      title: t("shop.confirm", { shop: shop.shop ?? "", product: item.product ?? item.product_id }),
      content: t("shop.change", { from: now, to: quantity ?? 0, platform: shop.platform ? say(shop.platform) : "" }),
      okText: t("shop.publish"),
      cancelText: t("shared:action.cancel"),
      onOk: () => publish.mutateAsync().catch(() => undefined),
    });
  return (
    <Space style={{ marginBlock: 16 }}>
      <InputNumber min={0} max={1_000_000_000} precision={0} aria-label={t("shop.quantity")} value={quantity} onChange={setQuantity} />
      <Button type="primary" disabled={quantity === null || quantity === now} loading={publish.isPending} onClick={ask}>
        {t("shop.publish")}
      </Button>
    </Space>
  );
}

/** What was told before, the latest first; earlier ones on demand. */
function Told({ item }: { item: Item }) {
  const { t } = useTranslation("stock");
  const say = useSay();
  const rows = usePages<Push>(pushesOf(item), {}, 10);
  return (
    <Table<Push>
      size="small"
      rowKey="id"
      pagination={false}
      loading={rows.isPending}
      dataSource={rows.items}
      footer={rows.hasNextPage ? () => <Button size="small" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>{t("shop.earlier")}</Button> : undefined}
      locale={{ emptyText: t("shop.never") }}
      columns={[
        { key: "at", title: t("shop.at"), width: 160, render: (_, one) => <Time value={one.at} clock="machine" /> },
        { key: "quantity", title: t("shop.quantity"), width: 90, align: "right", render: (_, one) => <Num value={one.quantity} /> },
        { key: "by", title: t("shop.by"), width: 110, render: (_, one) => one.by ?? t("shop.flow") },
        { key: "state", title: t("shop.state"), render: (_, one) => <><Tag color={COLOURS[one.state]}>{t(`shop.state.${one.state}`)}</Tag>{one.problem ? <span className="t-faint">{say(one.problem)}</span> : null}</> },
      ]}
    />
  );
}

/** What a shop counts of an item, a number to tell it, and what was told before. */
export function ShopDrawer({ item }: { item: Item }) {
  const { t } = useTranslation("stock");
  const say = useSay();
  const may = useCan()("stock.publish");
  const path = `/stock-levels/${item.id}/shop`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<ShopStock>(path, undefined, signal) });
  return (
    <Loaded query={query} rows={6}>
      {(shop) => (
        <>
          <Descriptions
            size="small"
            column={1}
            items={[
              { key: "shop", label: t("shop.shop"), children: [shop.platform ? say(shop.platform) : null, shop.shop].filter(Boolean).join(" · ") || "—" },
              { key: "now", label: t("shop.now"), children: <><Num value={Number(shop.quantity)} /><span className="t-faint" style={{ marginInlineStart: 8 }}><Time value={shop.counted_at} /></span></> },
            ]}
          />
          {shop.why ? <Alert type="info" showIcon style={{ marginBlock: 16 }} title={t(`shop.why.${shop.why}`)} /> : may ? <Telling key={shop.quantity} item={item} shop={shop} /> : null}
          <h3>
            {t("shop.told")}
            <span className="t-faint" style={{ marginInlineStart: 8, fontSize: 12, fontWeight: 400 }}>
              <MachineTimeHint />
            </span>
          </h3>
          <Told item={item} />
        </>
      )}
    </Loaded>
  );
}
