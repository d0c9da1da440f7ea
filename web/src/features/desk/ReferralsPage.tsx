import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Space, Tabs, Tag } from "antd";
import { useState } from "react";
import { api, usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { CampaignForm } from "./CampaignForm";
import { CampaignPeople } from "./CampaignPeople";
import { refresh } from "./Shelf";
import type { Campaign } from "./types";

const FUNNEL = ["inviters", "joined", "held", "counted", "suspect", "left", "rewards"] as const;

function useStatus() {
  const { t } = useTranslation("desk");
  const { modal } = App.useApp();
  const told = useTold();
  const set = useMutation({ mutationFn: ({ row, verb }: { row: Campaign; verb: "begin" | "end" }) => api.post(`/referral-campaigns/${row.id}/${verb}`), onSuccess: () => refresh("/referral-campaigns"), onError: told.failed });
  const end = (row: Campaign) => modal.confirm({ title: t("referrals.endTitle", { name: row.name }), content: t("referrals.endHint"), okText: t("referrals.end"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => set.mutateAsync({ row, verb: "end" }) });
  return { begin: (row: Campaign) => set.mutate({ row, verb: "begin" }), end };
}

function useColumns(onOpen: (row: Campaign) => void): Column<Campaign>[] {
  const { t } = useTranslation("desk");
  const may = useCan()("contact.write");
  const { begin, end } = useStatus();
  return [
    { key: "name", title: t("referrals.name"), render: (row) => <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onOpen(row)}>{row.name}</Button> },
    { key: "status", title: t("referrals.status"), width: 100, render: (row) => <Tag color={row.status === "running" ? "green" : "default"}>{t(`status.${row.status}`)}</Tag> },
    ...FUNNEL.map((one): Column<Campaign> => ({ key: one, title: t(`referrals.${one}`), width: 92, align: "right", render: (row) => <Num value={row.figures[one]} /> })),
    {
      key: "do",
      title: <span className="t-hidden">{t("shared:action.actions")}</span>,
      width: 100,
      align: "right",
      render: (row) =>
        may && row.status !== "ended" ? (
          <Button size="small" type="text" onClick={() => (row.status === "draft" ? begin(row) : end(row))}>
            {row.status === "draft" ? t("referrals.begin") : t("referrals.end")}
          </Button>
        ) : null,
    },
  ];
}

/** Campaigns in which customers bring friends: the funnel, and what looks suspicious. */
export function ReferralsPage() {
  const { t } = useTranslation("desk");
  const may = useCan()("contact.write");
  const [open, setOpen] = useState<{ row: Campaign | null } | null>(null);
  const rows = usePages<Campaign>("/referral-campaigns", {}, 200);
  const columns = useColumns((row) => setOpen({ row }));
  const create = may ? (
    <Space>
      <Button type="primary" onClick={() => setOpen({ row: null })}>
        {t("referrals.create")}
      </Button>
    </Space>
  ) : null;
  const row = open?.row ?? null;
  return (
    <ListPage title={t("referrals.title")} lead={t("referrals.lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("referrals.title")} rows={rows} columns={columns} rowKey={(one) => one.id} onOpen={(one) => setOpen({ row: one })} empty={<EmptyState title={t("referrals.none")} hint={t("referrals.noneHint")} action={create} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={820} title={row?.name ?? t("referrals.create")} destroyOnHidden>
        {open && !row ? <CampaignForm row={null} onDone={() => setOpen(null)} /> : null}
        {row ? (
          <Tabs
            items={[
              { key: "people", label: t("referrals.list"), children: <CampaignPeople campaign={row} /> },
              { key: "form", label: t("referrals.name"), children: <CampaignForm row={row} onDone={() => setOpen(null)} /> },
            ]}
          />
        ) : null}
      </Drawer>
    </ListPage>
  );
}
