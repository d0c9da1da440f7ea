import { useMutation } from "@tanstack/react-query";
import { Button, Drawer, Input, Segmented, Space, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Money, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, ListPage } from "@/shared/pages";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { amount, type Dispute } from "./types";

const COLOURS: Record<Dispute["status"], string> = { open: "gold", seconding: "blue", accepted: "green", rejected: "default", withdrawn: "default" };
type Filter = "" | Dispute["status"];

function shares(parts: Dispute["wanted"], nobody: string): string {
  return parts.length === 0 ? nobody : parts.map((one) => `${one.name} ${one.bp / 100}%`).join(" · ");
}

function Decision({ dispute, onDone }: { dispute: Dispute; onDone: () => void }) {
  const { t } = useTranslation("ownership");
  const told = useTold();
  const [note, setNote] = useState("");
  const send = useMutation({
    mutationFn: (accept: boolean) => api.post(`/credit-disputes/${dispute.id}/answer`, { accept, note }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/credit-disputes"] });
      told.done(t("dispute.answered"));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <>
      {dispute.status === "seconding" ? <p>{t("dispute.secondHint", { name: dispute.answered_by, answer: t(`answer.${dispute.answer ?? "accepted"}`) })}</p> : null}
      <Input.TextArea rows={3} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} placeholder={t("dispute.note")} aria-label={t("dispute.note")} />
      <Space style={{ marginTop: 12 }}>
        <Button type="primary" loading={send.isPending} onClick={() => send.mutate(true)}>
          {t("dispute.accept")}
        </Button>
        <Button loading={send.isPending} onClick={() => send.mutate(false)}>
          {t("dispute.reject")}
        </Button>
      </Space>
    </>
  );
}

function Detail({ dispute, onDone }: { dispute: Dispute; onDone: () => void }) {
  const { t } = useTranslation("ownership");
  return (
    <>
      <Facts
        items={[
          { key: "order", label: t("entry.order"), value: <Link to={`/orders/${dispute.order_id}`}>{dispute.number}</Link> },
          { key: "total", label: t("dispute.total"), value: <Money value={amount(dispute.total_cents, dispute.currency)} currency={dispute.currency} /> },
          { key: "store", label: t("rank.store"), value: dispute.store ?? "—" },
          { key: "before", label: t("dispute.before"), value: shares(dispute.before, t("kind.nobody")) },
          { key: "wanted", label: t("dispute.wanted"), value: <strong>{shares(dispute.wanted, t("kind.nobody"))}</strong> },
          { key: "reason", label: t("dispute.reason"), value: dispute.reason },
          ...(dispute.answered_by ? [{ key: "answered", label: t("dispute.answeredBy"), value: `${dispute.answered_by}${dispute.answer ? ` · ${t(`answer.${dispute.answer}`)}` : ""}` }] : []),
          ...(dispute.confirmed_by ? [{ key: "confirmed", label: t("dispute.confirmedBy"), value: dispute.confirmed_by }] : []),
          ...(dispute.note ? [{ key: "note", label: t("dispute.note"), value: dispute.note }] : []),
        ]}
      />
      {dispute.may_answer ? <Decision dispute={dispute} onDone={onDone} /> : null}
    </>
  );
}

/** Who says that an order is hers, and what became of it. */
export function DisputesPage() {
  const { t } = useTranslation("ownership");
  const [status, setStatus] = useState<Filter>("");
  const [open, setOpen] = useState<Dispute | null>(null);
  const rows = usePages<Dispute>("/credit-disputes", status ? { status } : {});
  const columns: Column<Dispute>[] = [
    { key: "order", title: t("entry.order"), width: 160, render: (row) => row.number },
    { key: "name", title: t("adviser"), width: 130, render: (row) => row.name },
    { key: "store", title: t("rank.store"), width: 190, render: (row) => row.store ?? "—" },
    { key: "total", title: t("dispute.total"), width: 120, align: "right", render: (row) => <Money value={amount(row.total_cents, row.currency)} currency={row.currency} /> },
    { key: "reason", title: t("dispute.reason"), render: (row) => row.reason },
    { key: "status", title: t("dispute.status"), width: 130, render: (row) => <Tag color={COLOURS[row.status]}>{t(`status.${row.status}`)}</Tag> },
    { key: "at", title: t("dispute.filed"), width: 160, render: (row) => <Time value={row.filed_at} /> },
  ];
  const filter = <Segmented<Filter> value={status} onChange={setStatus} options={(["", "open", "seconding", "accepted", "rejected"] as const).map((one) => ({ value: one, label: one ? t(`status.${one}`) : t("dispute.all") }))} />;
  return (
    <ListPage title={t("dispute.title")} lead={t("dispute.lead")} filters={filter}>
      <DataTable label={t("dispute.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={<EmptyState title={t("dispute.none")} hint={t("dispute.noneHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={520} title={open ? t("dispute.of", { number: open.number }) : ""} destroyOnHidden>
        {open ? <Detail dispute={open} onDone={() => setOpen(null)} /> : null}
      </Drawer>
    </ListPage>
  );
}
