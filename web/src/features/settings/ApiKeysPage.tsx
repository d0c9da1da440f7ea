import { useMutation } from "@tanstack/react-query";
import { App, Button, DatePicker, Drawer, Form, Input, InputNumber, Modal, Tag, Typography } from "antd";
import type { Dayjs } from "dayjs";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { dayEnd, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useMe } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { PermissionMatrix } from "./PermissionMatrix";
import type { ApiKey } from "./types";
import styles from "./Settings.module.css";

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/api-keys"] });
}

interface KeyDraft {
  name: string;
  permissions: string[];
  expires_at: Dayjs | null;
  rate_per_minute: number | null;
  burst: number | null;
}

const FIRST: KeyDraft = { name: "", permissions: [], expires_at: null, rate_per_minute: 1200, burst: 200 };

function KeyForm({ onMade }: { onMade: (key: string) => void }) {
  const { t } = useTranslation("settings");
  const told = useTold();
  const { zone } = useMe().tenant;
  const [form] = Form.useForm<KeyDraft>();
  const draft = useDraft(form, FIRST);
  const make = useMutation({
    mutationFn: ({ name, permissions, expires_at, rate_per_minute, burst }: KeyDraft) =>
      api.post<{ key: string }>("/api-keys", {
        name: name.trim(),
        permissions,
        rate_per_minute: rate_per_minute ?? FIRST.rate_per_minute,
        burst: burst ?? FIRST.burst,
        expires_at: expires_at ? dayEnd(expires_at.format("YYYY-MM-DD"), zone) : null,
      }),
    onSuccess: ({ key }) => {
      refresh();
      onMade(key);
    },
    onError: told.refused(form),
  });
  return (
    <Form<KeyDraft> form={form} name="key" layout="vertical" initialValues={FIRST} onFinish={(values) => make.mutate(values)}>
      <Form.Item name="name" label={t("keys.name")} required>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="expires_at" label={t("keys.expires")}>
        <DatePicker aria-label={t("keys.expires")} />
      </Form.Item>
      <Form.Item label={t("keys.rate")} htmlFor="key_rate_per_minute" extra={t("keys.rateHint")}>
        <Form.Item name="rate_per_minute" noStyle>
          <InputNumber min={1} max={60000} />
        </Form.Item>
        <Form.Item name="burst" noStyle>
          <InputNumber aria-label={t("keys.burst")} prefix={t("keys.burst")} min={1} max={10000} style={{ marginInlineStart: 8, width: 180 }} />
        </Form.Item>
      </Form.Item>
      <Form.Item name="permissions" label={t("keys.permissions")} required>
        <PermissionMatrix />
      </Form.Item>
      <Button type="primary" htmlType="submit" disabled={!draft.name.trim() || draft.permissions.length === 0} loading={make.isPending}>
        {t("keys.make")}
      </Button>
    </Form>
  );
}

function useRevoke() {
  const { t } = useTranslation("settings");
  const { modal } = App.useApp();
  const told = useTold();
  const revoke = useMutation({ mutationFn: (id: string) => api.delete(`/api-keys/${id}`), onSuccess: refresh, onError: told.failed });
  return (key: ApiKey) =>
    modal.confirm({
      title: t("keys.revokeTitle", { name: key.name }),
      content: t("keys.revokeHint"),
      okText: t("keys.revoke"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => revoke.mutateAsync(key.id),
    });
}

/** Keys live by the machine's clock, never by a demo's. */
function stateOf(key: ApiKey): "live" | "revoked" | "expired" {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) < Date.now() ? "expired" : "live";
}

function useKeyColumns(): Column<ApiKey>[] {
  const { t } = useTranslation("settings");
  const revoke = useRevoke();
  return useMemo(
    () => [
      { key: "name", title: t("keys.column.name"), render: (row) => row.name },
      { key: "prefix", title: t("keys.column.prefix"), width: 140, render: (row) => <code>{row.prefix}…</code> },
      { key: "state", title: t("keys.column.state"), width: 88, render: (row) => <Tag color={stateOf(row) === "live" ? "success" : "default"}>{t(`keys.${stateOf(row)}`)}</Tag> },
      { key: "permissions", title: t("keys.column.permissions"), render: (row) => row.permissions.join(", ") },
      { key: "rate", title: t("keys.rateColumn"), width: 110, align: "right", render: (row) => t("keys.perMinute", { count: row.rate_per_minute }) },
      { key: "by", title: t("keys.column.by"), width: 110, render: (row) => row.created_by_name },
      { key: "used", title: t("keys.column.used"), width: 150, render: (row) => <Time value={row.last_used_at} clock="machine" /> },
      { key: "expires", title: t("keys.column.expires"), width: 120, render: (row) => <Time value={row.expires_at} only="date" clock="machine" /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 88,
        align: "right",
        render: (row) =>
          row.revoked_at ? null : (
            <Button type="link" danger size="small" aria-label={`${t("keys.revoke")} ${row.name}`} onClick={() => revoke(row)}>
              {t("keys.revoke")}
            </Button>
          ),
      },
    ],
    [t, revoke],
  );
}

export function ApiKeysPage() {
  const { t } = useTranslation("settings");
  const rows = usePages<ApiKey>("/api-keys");
  const columns = useKeyColumns();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const create = (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("keys.create")}
    </Button>
  );
  const actions = (
    <>
      <Button href="/developers" target="_blank" rel="noreferrer">
        {t("keys.docs")}
      </Button>
      {rows.items.length > 0 ? create : null}
    </>
  );
  return (
    <ListPage title={t("keys.title")} lead={t("keys.lead")} actions={actions}>
      <DataTable label={t("keys.title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("keys.emptyTitle")} hint={t("keys.emptyHint")} action={create} />} />
      <Drawer open={creating} onClose={() => setCreating(false)} size={720} title={t("keys.create")} destroyOnHidden>
        <KeyForm
          onMade={(key) => {
            setCreating(false);
            setMade(key);
          }}
        />
      </Drawer>
      <Modal open={made !== null} title={t("keys.madeTitle")} closable={false} mask={{ closable: false }} footer={<Button onClick={() => setMade(null)}>{t("shared:action.close")}</Button>}>
        <p>{t("keys.madeHint")}</p>
        <Typography.Text copyable code className={styles.secret ?? ""}>
          {made}
        </Typography.Text>
      </Modal>
    </ListPage>
  );
}
