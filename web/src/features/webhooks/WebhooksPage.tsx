import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Drawer, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { SecretModal } from "./SecretModal";
import { WebhookForm } from "./WebhookForm";
import type { Draft, MadeWebhook, Webhook } from "./types";
import { useTypeNames } from "./words";

const PATH = "/webhooks";
const colours = { active: "success", paused: "default", disabled: "error" } as const;
const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(PATH) });

function useColumns(): Column<Webhook>[] {
  const { t } = useTranslation("webhooks");
  const nameOf = useTypeNames();
  return useMemo(
    () => [
      { key: "name", title: t("name"), render: (row) => row.name },
      { key: "url", title: t("url"), render: (row) => <code>{row.url}</code> },
      { key: "types", title: t("types"), width: 200, render: (row) => row.event_types.map(nameOf).join(", ") },
      { key: "status", title: t("status"), width: 100, render: (row) => <Tag color={row.failing_since && row.status === "active" ? "warning" : colours[row.status]}>{t(row.failing_since && row.status === "active" ? "failing" : row.status)}</Tag> },
      { key: "delivered", title: t("delivered"), width: 90, align: "right", render: (row) => <Num value={row.delivered} /> },
      { key: "pending", title: t("pending"), width: 90, align: "right", render: (row) => <Num value={row.pending} /> },
      { key: "dead", title: t("dead"), width: 90, align: "right", render: (row) => <Num value={row.dead} /> },
      { key: "ok", title: t("lastSuccess"), width: 150, render: (row) => <Time value={row.last_success_at} clock="machine" /> },
    ],
    [t, nameOf],
  );
}

export function WebhooksPage() {
  const { t } = useTranslation("webhooks");
  const can = useCan();
  const told = useTold();
  const rows = usePages<Webhook>(PATH);
  const columns = useColumns();
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  useLive(["webhooks"], refresh);
  const make = useMutation({
    mutationFn: (draft: Draft) => api.post<MadeWebhook>(PATH, draft),
    onSuccess: (made) => {
      refresh();
      setCreating(false);
      setSecret(made.secret);
    },
    onError: told.failed,
  });
  const off = rows.items.filter((one) => one.status === "disabled");
  const create = can("webhook.write") ? (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("create")}
    </Button>
  ) : null;
  const actions = (
    <>
      <Button href="/developers" target="_blank" rel="noreferrer">
        {t("docs")}
      </Button>
      {rows.items.length > 0 ? create : null}
    </>
  );
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={actions}>
      {off.length > 0 ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={t("offAlert", { names: off.map((one) => one.name).join("、") })} description={t("offHint")} /> : null}
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/settings/webhooks/${row.id}`} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={create} />} />
      <Drawer open={creating} onClose={() => setCreating(false)} size={720} title={t("create")} destroyOnHidden>
        <WebhookForm busy={make.isPending} onSave={(draft) => make.mutate(draft)} />
      </Drawer>
      <SecretModal secret={secret} onClose={() => setSecret(null)} />
    </ListPage>
  );
}
