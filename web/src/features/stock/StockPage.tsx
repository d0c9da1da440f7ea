import { useMutation } from "@tanstack/react-query";
import { Button, Drawer, Input, InputNumber, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Num, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ShopDrawer } from "./ShopDrawer";

type Item = Schemas["StockLevel"];

function isLow(item: Item): boolean {
  return item.low_at !== null && Number(item.quantity) < Number(item.low_at);
}

/** The line below which an item is low; it is kept when one leaves the field. */
function Line({ item }: { item: Item }) {
  const { t } = useTranslation("stock");
  const told = useTold();
  const may = useCan()("stock.write");
  const before = item.low_at === null ? null : Number(item.low_at);
  const [line, setLine] = useState<number | null>(before);
  const save = useMutation({
    mutationFn: () => api.patch(`/stock-levels/${item.id}`, { low_at: line }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/stock-levels"] });
      told.done(t("shared:state.saved"));
    },
    onError: told.failed,
  });
  if (!may) return before === null ? <>—</> : <Num value={before} />;
  const keep = () => {
    if (line !== before) save.mutate();
  };
  return <InputNumber size="small" min={0} max={1_000_000_000} placeholder={t("noLine")} aria-label={`${t("line")} ${item.product ?? item.product_id}`} value={line} onChange={setLine} onBlur={keep} onPressEnter={keep} />;
}

/** What is left of each product at each place, and the line below which it is low: flows about stock items hear of it. */
export function StockPage() {
  const { t } = useTranslation("stock");
  const sourceName = useSourceName();
  const [product, setProduct] = useState("");
  const [open, setOpen] = useState<Item | null>(null);
  const rows = usePages<Item>("/stock-levels", product ? { product_id: product } : {});
  const columns = useMemo<Column<Item>[]>(
    () => [
      { key: "product", title: t("product"), render: (item) => <strong>{item.product ?? item.product_id}</strong> },
      { key: "number", title: t("number"), width: 170, render: (item) => <code>{item.product_id}</code> },
      { key: "place", title: t("place"), width: 170, render: (item) => [item.place, sourceName(item.source)].filter(Boolean).join(" · ") },
      { key: "quantity", title: t("quantity"), width: 140, align: "right", render: (item) => <>{isLow(item) ? <Tag color="warning">{t("low")}</Tag> : null} <Num value={Number(item.quantity)} /></> },
      { key: "line", title: t("line"), width: 150, align: "right", render: (item) => <Line key={`${item.id} ${item.low_at ?? ""}`} item={item} /> },
      { key: "counted", title: t("counted"), width: 170, render: (item) => <Time value={item.counted_at} /> },
      { key: "do", title: <span className="t-hidden">{t("shared:action.actions")}</span>, width: 130, align: "right", render: (item) => <Button size="small" onClick={() => setOpen(item)}>{t("shop.open")}</Button> },
    ],
    [t, sourceName],
  );
  return (
    <ListPage title={t("title")} lead={t("lead")} filters={<Input.Search allowClear aria-label={t("search")} placeholder={t("search")} style={{ width: 280 }} onSearch={setProduct} />}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(item) => item.id} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={560} title={open?.product ?? open?.product_id} destroyOnHidden>
        {open ? <ShopDrawer item={open} /> : null}
      </Drawer>
    </ListPage>
  );
}
