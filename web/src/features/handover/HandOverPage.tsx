import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Tag } from "antd";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { HandOver, Item } from "./types";

const EVERY_MS = 5_000;
const COLOURS: Partial<Record<Item["state"], string>> = { done: "success", asked: "processing", asking: "processing", planned: "default" };

function useItemColumns(): Column<Item>[] {
  const { t } = useTranslation("handover");
  return useMemo(
    () => [
      { key: "customer", title: t("customer"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer_name ?? t("open")}</Link> },
      { key: "state", title: t("state.label"), width: 320, render: (row) => <Tag color={COLOURS[row.state] ?? "warning"}>{row.code ? t("withCode", { state: t(`item.${row.state}`), code: row.code }) : t(`item.${row.state}`)}</Tag> },
      { key: "asked", title: t("askedAt"), width: 170, render: (row) => (row.asked_at ? <Time value={row.asked_at} clock="machine" /> : "—") },
      { key: "finished", title: t("finishedAt"), width: 170, render: (row) => (row.finished_at ? <Time value={row.finished_at} clock="machine" /> : "—") },
    ],
    [t],
  );
}

function Stop({ one }: { one: HandOver }) {
  const { t } = useTranslation("handover");
  const { modal } = App.useApp();
  const told = useTold();
  const stop = useMutation({ mutationFn: () => api.post(`/hand-overs/${one.id}/stop`), onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/hand-overs"] }), onError: told.failed });
  return (
    <Button danger onClick={() => modal.confirm({ title: t("stopTitle"), content: t("stopHint"), okText: t("stop"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => stop.mutateAsync() })}>
      {t("stop")}
    </Button>
  );
}

/** One hand-over: how far it is, and each customer with the reason where she stayed. */
export function HandOverPage() {
  const { t } = useTranslation("handover");
  const { handOverId = "" } = useParams();
  const can = useCan();
  const found = useQuery({ queryKey: ["/hand-overs", handOverId], queryFn: ({ signal }) => api.get<HandOver>(`/hand-overs/${handOverId}`, undefined, signal), refetchInterval: EVERY_MS });
  const rows = usePages<Item>(`/hand-overs/${handOverId}/customers`);
  const columns = useItemColumns();
  return (
    <Loaded query={found} rows={6}>
      {(one) => (
        <ListPage
          crumbs={[{ label: t("title"), to: "/lost-friends" }]}
          title={t("fromTo", { giver: one.giver_name, taker: one.taker_name })}
          lead={t("sums", { done: formatNumber(one.done), asked: formatNumber(one.asked), planned: formatNumber(one.planned), refused: formatNumber(one.refused), groups: `${one.groups_done}/${one.groups}` })}
          actions={can("contact.write") && one.state !== "done" ? <Stop one={one} /> : null}
        >
          {one.problem ? <Alert type="warning" showIcon style={{ margin: 12 }} title={t("trouble")} description={one.problem} /> : null}
          {one.unknown > 0 ? <Alert type="info" showIcon style={{ margin: 12 }} title={t("unknown", { n: one.unknown })} /> : null}
          <DataTable label={t("customers")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t(one.state === "gathering" ? "gatheringTitle" : "nobodyTitle")} hint={t("nobodyHint")} />} />
        </ListPage>
      )}
    </Loaded>
  );
}
