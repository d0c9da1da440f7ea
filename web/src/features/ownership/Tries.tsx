import { useMutation } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { Money, Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { amount, type Rule, type Tried } from "./types";

type Adviser = Tried["advisers"][number];
const DAYS = 30;

function still<T>(items: readonly T[]) {
  return { items, error: null, isPending: false, refetch: () => undefined };
}

function Shown({ tried }: { tried: Tried }) {
  const { t } = useTranslation("ownership");
  const money = (cents: number) => <Money value={amount(cents, tried.currency)} currency={tried.currency} />;
  const columns: Column<Adviser>[] = [
    { key: "name", title: t("adviser"), render: (row) => row.name ?? t("kind.nobody") },
    { key: "orders", title: t("tried.orders"), width: 130, align: "right", render: (row) => `${row.orders_now} → ${row.orders_then}` },
    { key: "now", title: t("tried.now"), width: 130, align: "right", render: (row) => money(row.cents_now) },
    { key: "then", title: t("tried.then"), width: 130, align: "right", render: (row) => money(row.cents_then) },
    { key: "more", title: t("tried.more"), width: 130, align: "right", render: (row) => <strong>{row.cents_then > row.cents_now ? "+" : ""}{money(row.cents_then - row.cents_now)}</strong> },
  ];
  return (
    <>
      <p>{t("tried.sum", { days: tried.days, orders: tried.orders, changed: tried.changed })}</p>
      {tried.whole ? null : <p className="t-faint">{t("tried.notWhole")}</p>}
      <DataTable label={t("tried.title")} rows={still(tried.advisers)} columns={columns} rowKey={(row) => row.user_id ?? "nobody"} minWidth={680} empty={<EmptyState compact title={t("tried.empty")} />} />
      <h3>{t("tried.byRule")}</h3>
      <ol>
        {tried.rules.map((one) => (
          <li key={one.place}>
            {t(`kind.${one.kind}`)}: <Num value={one.orders} /> {t("tried.ordersUnit")} · {money(one.cents)}
          </li>
        ))}
      </ol>
    </>
  );
}

/** What the last month would have looked like under the rules as they are written now. */
export function Tries({ rules, disabled }: { rules: Rule[]; disabled: boolean }) {
  const { t } = useTranslation("ownership");
  const told = useTold();
  const [open, setOpen] = useState(false);
  const attempt = useMutation({ mutationFn: () => api.post<Tried>("/ownership/try", { rules, days: DAYS }), onSuccess: () => setOpen(true), onError: told.failed });
  return (
    <>
      <Button disabled={disabled} loading={attempt.isPending} onClick={() => attempt.mutate()}>
        {t("tried.go")}
      </Button>
      <Drawer open={open} onClose={() => setOpen(false)} size={820} title={t("tried.title")} destroyOnHidden>
        {attempt.data ? <Shown tried={attempt.data} /> : null}
      </Drawer>
    </>
  );
}
