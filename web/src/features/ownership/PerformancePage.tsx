import { useMutation } from "@tanstack/react-query";
import { App, Button, DatePicker, Drawer, Input, Progress, Segmented, Space, Tag } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Money, Num, useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan, useMe } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Entries } from "./Entries";
import { amount, type Period, type Ranked } from "./types";

type By = "adviser" | "store";

function useColumns(by: By, currency: string): Column<Ranked>[] {
  const { t } = useTranslation("ownership");
  const money = (cents: number) => <Money value={amount(cents, currency)} currency={currency} />;
  return [
    { key: "rank", title: t("rank.place"), width: 70, align: "right", render: (row) => row.rank },
    { key: "name", title: t(by === "adviser" ? "adviser" : "rank.store"), render: (row) => <strong>{row.name}</strong> },
    { key: "store", title: t(by === "adviser" ? "rank.store" : "rank.region"), width: 180, render: (row) => row.store ?? "—" },
    { key: "orders", title: t("rank.orders"), width: 100, align: "right", render: (row) => <Num value={row.orders} /> },
    { key: "back", title: t("rank.refunded"), width: 130, align: "right", render: (row) => money(row.refunded_cents) },
    { key: "credit", title: t("rank.credit"), width: 140, align: "right", render: (row) => <strong>{money(row.cents)}</strong> },
    { key: "target", title: t("rank.target"), width: 140, align: "right", render: (row) => (row.target_cents ? money(row.target_cents) : "—") },
    { key: "reached", title: t("rank.reached"), width: 150, render: (row) => (row.target_cents ? <Progress size="small" aria-label={t("rank.reached")} percent={Math.round((100 * row.cents) / row.target_cents)} format={() => `${Math.round((100 * row.cents) / (row.target_cents ?? 1))}%`} status="normal" /> : null) },
  ];
}

/** A month's targets as lines of a table. */
function Targets({ period, onDone }: { period: string; onDone: () => void }) {
  const { t } = useTranslation("ownership");
  const told = useTold();
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: () => api.post<Schemas["TargetsTaken"]>(`/credit-targets/${period}/table`, { text }),
    onSuccess: (answer) => {
      if (answer.taken === 0) return;
      void queryClient.invalidateQueries({ queryKey: ["/performance"] });
      told.done(t("targets.taken", { count: answer.taken }));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <>
      <p className="t-faint">{t("targets.hint")}</p>
      <Input.TextArea rows={10} value={text} onChange={(event) => setText(event.target.value)} aria-label={t("targets.title")} placeholder={t("targets.example")} />
      {send.data?.taken === 0 ? (
        <ul role="alert">
          {send.data.refused.map((one) => (
            <li key={one.line}>
              {t("targets.line", { line: one.line })} {t("targets.because", { zh: one.zh, en: one.en })}
            </li>
          ))}
        </ul>
      ) : null}
      <Button style={{ marginTop: 12 }} type="primary" disabled={text.trim() === ""} loading={send.isPending} onClick={() => send.mutate()}>
        {t("targets.send")}
      </Button>
    </>
  );
}

function useClosing(period: string) {
  const { t } = useTranslation("ownership");
  const { modal } = App.useApp();
  const told = useTold();
  const close = useMutation({ mutationFn: () => api.post(`/credit-periods/${period}/close`), onSuccess: () => queryClient.invalidateQueries({ queryKey: ["/credit-periods"] }), onError: told.failed });
  return () => modal.confirm({ title: t("close.title", { period }), content: t("close.hint"), okText: t("close.go"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => close.mutateAsync() });
}

/** Who earned what in a month, against the target; every figure opens into its entries. */
export function PerformancePage() {
  const { t } = useTranslation("ownership");
  const may = useCan()("performance.write");
  const now = useBusinessNow();
  const currency = useMe().tenant.currency;
  const [chosen, setChosen] = useState<string | null>(null);
  const [by, setBy] = useState<By>("adviser");
  const [open, setOpen] = useState<Ranked | null>(null);
  const [aiming, setAiming] = useState(false);
  const period = chosen ?? dayjs(now).format("YYYY-MM");
  const rows = usePages<Ranked>("/performance", { period, by }, 1000);
  const months = usePages<Period>("/credit-periods", {}, 120);
  const columns = useColumns(by, currency);
  const shut = months.items.find((one) => one.period === period)?.closed_at;
  const close = useClosing(period);
  const over = dayjs(`${period}-01`).add(1, "month").isBefore(dayjs(now));
  const tools = (
    <Space wrap>
      <DatePicker picker="month" allowClear={false} value={dayjs(`${period}-01`)} aria-label={t("rank.month")} onChange={(month) => setChosen(month?.format("YYYY-MM") ?? null)} />
      <Segmented<By> value={by} onChange={setBy} options={[{ value: "adviser", label: t("rank.byAdviser") }, { value: "store", label: t("rank.byStore") }]} />
      {shut ? <Tag>{t("close.closed")}</Tag> : null}
    </Space>
  );
  const actions = may ? (
    <Space>
      {over && !shut ? <Button onClick={close}>{t("close.go")}</Button> : null}
      <Button type="primary" onClick={() => setAiming(true)}>
        {t("targets.title")}
      </Button>
    </Space>
  ) : null;
  return (
    <ListPage title={t("rank.title")} lead={t("rank.lead")} filters={tools} actions={actions}>
      <DataTable label={t("rank.title")} rows={rows} columns={columns} rowKey={(row) => row.id} {...(by === "adviser" ? { onOpen: setOpen } : {})} empty={<EmptyState title={t("rank.none")} hint={t("rank.noneHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={900} title={open ? t("entry.of", { name: open.name, period }) : ""} destroyOnHidden>
        {open ? <Entries user={open.id} period={period} /> : null}
      </Drawer>
      <Drawer open={aiming} onClose={() => setAiming(false)} size={480} title={t("targets.of", { period })} destroyOnHidden>
        <Targets period={period} onDone={() => setAiming(false)} />
      </Drawer>
    </ListPage>
  );
}
