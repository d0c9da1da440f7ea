import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Tag } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { Deliveries } from "./Deliveries";
import { SecretModal } from "./SecretModal";
import { WebhookForm } from "./WebhookForm";
import { SIMULATED, type Draft, type Webhook } from "./types";
import { useTypeNames } from "./words";

const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/webhook") });

/** What can be done to a subscription, with everybody told how it went. */
function useDeeds(id: string, onSecret: (secret: string) => void, onSaved: () => void) {
  const { t } = useTranslation("webhooks");
  const told = useTold();
  const navigate = useNavigate();
  const rotate = useMutation({ mutationFn: () => api.post<{ secret: string }>(`/webhooks/${id}/secret`, { overlap_hours: 24 }), onSuccess: ({ secret }) => (refresh(), onSecret(secret)), onError: told.failed });
  const change = useMutation({ mutationFn: (part: Partial<Draft> & { status?: "active" | "paused" }) => api.patch(`/webhooks/${id}`, part), onSuccess: () => (refresh(), onSaved()), onError: told.failed });
  const test = useMutation({ mutationFn: () => api.post(`/webhooks/${id}/test`), onSuccess: () => (refresh(), told.done(t("tested"))), onError: told.failed });
  const remove = useMutation({ mutationFn: () => api.delete(`/webhooks/${id}`), onSuccess: () => (refresh(), navigate("/settings/webhooks")), onError: told.failed });
  return { rotate, change, test, remove };
}

function Address({ url }: { url: string }) {
  const { t } = useTranslation("webhooks");
  return (
    <>
      <code style={{ wordBreak: "break-all" }}>{url}</code>
      {url.startsWith(SIMULATED) ? <div className="t-faint">{t("simulated.is")}</div> : null}
    </>
  );
}

function About({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const nameOf = useTypeNames();
  return (
    <Facts
      items={[
        { key: "url", label: t("url"), value: <Address url={webhook.url} /> },
        { key: "types", label: t("types"), value: webhook.event_types.map(nameOf).join(", ") },
        { key: "filter", label: t("filter"), value: webhook.filter ? <code>{webhook.filter}</code> : t("noFilter") },
        { key: "personal", label: t("personal"), value: t(webhook.include_personal ? "yes" : "no") },
        { key: "delivered", label: t("delivered"), value: <Num value={webhook.delivered} /> },
        { key: "pending", label: t("pending"), value: <Num value={webhook.pending} /> },
        { key: "dead", label: t("dead"), value: <Num value={webhook.dead} /> },
        { key: "ok", label: t("lastSuccess"), value: <Time value={webhook.last_success_at} clock="machine" /> },
        { key: "old", label: t("oldSecret"), value: <Time value={webhook.old_secret_until} clock="machine" /> },
      ]}
    />
  );
}

function Told({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const say = useSay();
  return (
    <>
      {webhook.status === "disabled" ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={t(webhook.disabled_reason === "gone" ? "goneAlert" : "failingAlert")} description={t("offHint")} /> : null}
      {webhook.filter_problem ? <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={t("filterProblem")} description={say(webhook.filter_problem)} /> : null}
    </>
  );
}

function Record({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const { modal } = App.useApp();
  const can = useCan();
  const [secret, setSecret] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const deeds = useDeeds(webhook.id, setSecret, () => setEditing(false));
  const active = webhook.status === "active";
  const removing = () => modal.confirm({ title: t("removeTitle", { name: webhook.name }), content: t("removeHint"), okText: t("remove"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => deeds.remove.mutateAsync() });
  const rotating = () => modal.confirm({ title: t("rotateTitle"), content: t("rotateHint"), okText: t("rotate"), cancelText: t("shared:action.cancel"), onOk: () => deeds.rotate.mutateAsync() });
  const actions = can("webhook.write") ? (
    <>
      <Button onClick={() => deeds.test.mutate()} disabled={!active} loading={deeds.test.isPending}>
        {t("test")}
      </Button>
      <Button onClick={() => setEditing(true)}>{t("edit")}</Button>
      <Button onClick={() => deeds.change.mutate({ status: active ? "paused" : "active" })}>{t(active ? "pause" : "activate")}</Button>
      <Button onClick={rotating}>{t("rotate")}</Button>
      <Button danger onClick={removing}>
        {t("remove")}
      </Button>
    </>
  ) : null;
  return (
    <DetailPage title={webhook.name} crumbs={[{ label: t("title"), to: "/settings/webhooks" }]} badge={<Tag color={active ? "success" : "default"}>{t(webhook.status)}</Tag>} actions={actions} summary={<Told webhook={webhook} />} facts={<Section title={t("about")}><About webhook={webhook} /></Section>}>
      <Deliveries webhookId={webhook.id} active={active} dead={webhook.dead} />
      <Drawer open={editing} onClose={() => setEditing(false)} size={720} title={t("edit")} destroyOnHidden>
        <WebhookForm webhook={webhook} busy={deeds.change.isPending} onSave={(draft) => deeds.change.mutate(draft)} />
      </Drawer>
      <SecretModal secret={secret} onClose={() => setSecret(null)} />
    </DetailPage>
  );
}

export function WebhookPage() {
  const { webhookId = "" } = useParams();
  const query = useQuery({ queryKey: ["/webhooks", webhookId], queryFn: ({ signal }) => api.get<Webhook>(`/webhooks/${webhookId}`, undefined, signal) });
  useLive(["webhooks"], refresh);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={12} title />;
  return <Record webhook={query.data} />;
}
