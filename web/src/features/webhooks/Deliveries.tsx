import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Delivery, DeliveryWhole } from "./types";
import { useProblem, useTypeNames } from "./words";

const colours = { pending: "processing", sending: "processing", delivered: "success", dead: "error" } as const;
const states = ["all", "delivered", "pending", "dead"] as const;
const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/webhook") });

function useColumns(): Column<Delivery>[] {
  const { t } = useTranslation("webhooks");
  const nameOf = useTypeNames();
  return useMemo(
    () => [
      { key: "at", title: t("filed"), width: 150, render: (row) => <Time value={row.filed_at} clock="machine" /> },
      { key: "type", title: t("type"), render: (row) => <span title={row.type}>{nameOf(row.type)}</span> },
      { key: "status", title: t("status"), width: 90, render: (row) => <Tag color={colours[row.status]}>{t(`delivery.${row.status}`)}</Tag> },
      { key: "code", title: t("answer"), width: 110, align: "right", render: (row) => [row.code, row.milliseconds === null ? null : `${row.milliseconds} ms`].filter((one) => one !== null).join(" · ") || "—" },
      { key: "attempts", title: t("attempts"), width: 64, align: "right", render: (row) => row.attempts },
      { key: "next", title: t("next"), width: 150, render: (row) => <Time value={row.next_at} clock="machine" /> },
    ],
    [t, nameOf],
  );
}

function Attempts({ one }: { one: DeliveryWhole }) {
  const { t } = useTranslation("webhooks");
  const problemOf = useProblem();
  return (
    <ol reversed style={{ paddingInlineStart: 24 }}>
      {one.log.map((attempt) => (
        <li key={attempt.number} style={{ marginBottom: 12 }}>
          <Time value={attempt.at} clock="machine" /> · {attempt.code ?? "—"} · {attempt.milliseconds} ms
          {attempt.problem ? <div className="t-faint">{problemOf(attempt.problem)}</div> : null}
          {attempt.answer ? <pre style={{ whiteSpace: "pre-wrap", margin: 0 }}>{attempt.answer}</pre> : null}
        </li>
      ))}
      {one.log.length === 0 ? <p className="t-faint">{t("notYet")}</p> : null}
    </ol>
  );
}

function Whole({ id }: { id: string }) {
  const { t } = useTranslation("webhooks");
  const can = useCan();
  const told = useTold();
  const nameOf = useTypeNames();
  const query = useQuery({ queryKey: ["/webhook-deliveries", id], queryFn: ({ signal }) => api.get<DeliveryWhole>(`/webhook-deliveries/${id}`, undefined, signal) });
  const replay = useMutation({
    mutationFn: () => api.post(`/webhook-deliveries/${id}/replay`),
    onSuccess: () => {
      refresh();
      told.done(t("replayed", { count: 1 }));
    },
    onError: told.failed,
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} />;
  const one = query.data;
  return (
    <>
      <Facts
        items={[
          { key: "id", label: "webhook-id", value: <code style={{ wordBreak: "break-all" }}>{one.id}</code> },
          { key: "type", label: t("type"), value: `${nameOf(one.type)} · ${one.type}` },
          { key: "status", label: t("status"), value: t(`delivery.${one.status}`) },
          { key: "happened", label: t("happened"), value: <Time value={one.occurred_at} /> },
        ]}
      />
      {can("webhook.write") && one.status !== "sending" ? (
        <Button style={{ marginBlock: 12 }} loading={replay.isPending} onClick={() => replay.mutate()}>
          {t("replay")}
        </Button>
      ) : null}
      <h3>{t("body")}</h3>
      {one.body ? <pre style={{ whiteSpace: "pre-wrap", wordBreak: "break-word" }}>{JSON.stringify(one.body, null, 2)}</pre> : <p className="t-faint">{t("hidden")}</p>}
      <h3>{t("log")}</h3>
      <Attempts one={one} />
    </>
  );
}

export function Deliveries({ webhookId, active, dead }: { webhookId: string; active: boolean; dead: number }) {
  const { t } = useTranslation("webhooks");
  const can = useCan();
  const told = useTold();
  const [state, setState] = useState<(typeof states)[number]>("all");
  const [open, setOpen] = useState<string | null>(null);
  const rows = usePages<Delivery>(`/webhooks/${webhookId}/deliveries`, state === "all" ? {} : { status: state });
  const columns = useColumns();
  const replay = useMutation({
    mutationFn: () => api.post<{ replayed: number; more: boolean }>(`/webhooks/${webhookId}/replay`, { status: "dead" }),
    onSuccess: ({ replayed, more }) => {
      refresh();
      told.done(t(more ? "replayedMore" : "replayed", { count: replayed }));
    },
    onError: told.failed,
  });
  const extra = (
    <>
      <Segmented aria-label={t("status")} value={state} onChange={setState} options={states.map((value) => ({ value, label: t(`delivery.${value}`) }))} />
      {can("webhook.write") && active && dead > 0 ? (
        <Button style={{ marginInlineStart: 8 }} loading={replay.isPending} onClick={() => replay.mutate()}>
          {t("replayDead")}
        </Button>
      ) : null}
    </>
  );
  return (
    <Section title={t("deliveries")} extra={extra} flush>
      <DataTable label={t("deliveries")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(row) => setOpen(row.id)} minWidth={640} empty={<EmptyState compact title={t("noDeliveries")} hint={t("noDeliveriesHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={640} title={t("one")} destroyOnHidden>
        {open ? <Whole id={open} /> : null}
      </Drawer>
    </Section>
  );
}
