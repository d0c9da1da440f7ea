import { useMutation } from "@tanstack/react-query";
import { App, Button, Checkbox, Drawer, Form, Input, Segmented, Select, Tag, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";

type Consent = Schemas["ConsentOut"];
type NewConsent = Schemas["NewConsent"];
type Wording = Schemas["ConsentTextOut"];

const purposes = ["marketing", "service", "profiling", "sensitive"] as const;
const channels = ["*", "sms", "wecom", "email", "phone", "official_account", "page", "mini_program", "dingtalk", "feishu", "simulated"] as const;
const bound = new Set<string>(["marketing", "service"]);

/** Shows what was kept as proof; the server notes who looked. */
function Proof({ customerId, id }: { customerId: string; id: string }) {
  const { t } = useTranslation("consents");
  const told = useTold();
  const { modal } = App.useApp();
  const can = useCan();
  const look = useMutation({
    mutationFn: () => api.post<{ proof: string | null }>(`/customers/${customerId}/consents/${id}/proof`),
    onSuccess: ({ proof }) => void modal.info({ title: t("proof"), content: <p style={{ whiteSpace: "pre-wrap" }}>{proof}</p>, okText: t("shared:action.close") }),
    onError: told.failed,
  });
  if (!can("customer.write") || !can("privacy.personal")) return <Tag>{t("kept")}</Tag>;
  return (
    <Button size="small" loading={look.isPending} onClick={() => look.mutate()}>
      {t("seeProof")}
    </Button>
  );
}

function useColumns(customerId: string): Column<Consent>[] {
  const { t } = useTranslation("consents");
  return useMemo(
    () => [
      { key: "purpose", title: t("purpose"), render: (row) => t(`of.${row.purpose}`, row.purpose) },
      { key: "channel", title: t("channel"), width: 90, render: (row) => t(`by.${row.channel}`, row.channel) },
      { key: "state", title: t("state"), width: 100, render: (row) => <Tag color={row.state === "granted" ? "success" : "default"}>{t(row.state)}</Tag> },
      { key: "at", title: t("at"), width: 150, render: (row) => <Time value={row.at} /> },
      { key: "source", title: t("source"), render: (row) => row.source },
      {
        key: "proof",
        title: t("proof"),
        width: 150,
        render: (row) => (
          <>
            {row.wording ? (
              <Tooltip title={row.wording}>
                <Tag tabIndex={0}>{t("wordingOf", { version: row.text_version })}</Tag>
              </Tooltip>
            ) : null}
            {row.guardian ? <Tag>{t("guardian")}</Tag> : null}
            {row.has_proof ? <Proof customerId={customerId} id={row.id} /> : null}
          </>
        ),
      },
    ],
    [t, customerId],
  );
}

function trimmed(text: string | null | undefined): string | null {
  const plain = (text ?? "").trim();
  return plain === "" ? null : plain;
}

function ConsentForm({ customerId, onDone }: { customerId: string; onDone: () => void }) {
  const { t } = useTranslation("consents");
  const told = useTold();
  const texts = usePages<Wording>("/consent-texts", {}, 1000);
  const [draft, setDraft] = useState<NewConsent>({ channel: "*", purpose: "marketing", state: "granted", source: "", guardian: false, text_id: null, proof: null });
  const change = (part: Partial<NewConsent>) => setDraft((old) => ({ ...old, ...part }));
  const save = useMutation({
    mutationFn: () => api.post<{ stopped_messages: number }>(`/customers/${customerId}/consents`, { ...draft, source: draft.source.trim(), proof: trimmed(draft.proof) }),
    onSuccess: ({ stopped_messages: stopped }) => {
      told.done(stopped > 0 ? t("stopped", { count: stopped }) : t("saved"));
      onDone();
    },
    onError: told.failed,
  });
  const granted = draft.state === "granted";
  const wordings = texts.items.filter((one) => one.purpose === draft.purpose && (one.channel === "*" || one.channel === draft.channel)).map((one) => ({ value: one.id, label: t("wordingOption", { version: one.version, text: one.wording }) }));
  return (
    <Form layout="vertical" onFinish={() => save.mutate()}>
      <Form.Item label={t("state")} htmlFor="consent-state">
        <Select id="consent-state" value={draft.state} onChange={(state) => change({ state })} options={(["granted", "withdrawn"] as const).map((value) => ({ value, label: t(value) }))} />
      </Form.Item>
      <Form.Item label={t("purpose")} htmlFor="consent-purpose">
        <Select id="consent-purpose" value={draft.purpose} onChange={(purpose) => change({ purpose, text_id: null, channel: bound.has(purpose) ? draft.channel : "*" })} options={purposes.map((value) => ({ value, label: t(`of.${value}`) }))} />
      </Form.Item>
      <Form.Item label={t("channel")} htmlFor="consent-channel">
        <Select id="consent-channel" value={draft.channel} disabled={!bound.has(draft.purpose)} onChange={(channel) => change({ channel, text_id: null })} options={channels.map((value) => ({ value, label: t(`by.${value}`) }))} />
      </Form.Item>
      <Form.Item label={t("source")} htmlFor="consent-source" extra={t("sourceHint")} required>
        <Input id="consent-source" maxLength={100} value={draft.source} onChange={(event) => change({ source: event.target.value })} />
      </Form.Item>
      {granted ? (
        <>
          <Form.Item label={t("wording")} htmlFor="consent-text" required={draft.purpose === "sensitive"}>
            <Select id="consent-text" allowClear value={draft.text_id ?? null} onChange={(text_id: string | null) => change({ text_id: text_id ?? null })} options={wordings} notFoundContent={t("noWording")} />
          </Form.Item>
          <Form.Item label={t("proof")} htmlFor="consent-proof" extra={t("proofHint")}>
            <Input.TextArea id="consent-proof" rows={2} maxLength={2000} value={draft.proof ?? ""} onChange={(event) => change({ proof: event.target.value })} />
          </Form.Item>
          <Form.Item extra={t("guardianHint")}>
            <Checkbox checked={draft.guardian} onChange={(event) => change({ guardian: event.target.checked })}>
              {t("guardian")}
            </Checkbox>
          </Form.Item>
        </>
      ) : (
        <p>{t("withdrawHint")}</p>
      )}
      <Button type="primary" htmlType="submit" danger={!granted} loading={save.isPending} disabled={!draft.source.trim()}>
        {t(granted ? "record" : "withdraw")}
      </Button>
    </Form>
  );
}

/** What she agreed to, by purpose and channel, with its proof. */
export function Consents({ customerId }: { customerId: string }) {
  const { t } = useTranslation("consents");
  const can = useCan();
  const [view, setView] = useState<"now" | "history">("now");
  const rows = usePages<Consent>(`/customers/${customerId}/consents${view === "history" ? "/history" : ""}`);
  const columns = useColumns(customerId);
  const [open, setOpen] = useState(false);
  const add = can("customer.write") ? (
    <Button onClick={() => setOpen(true)}>{t("add")}</Button>
  ) : null;
  return (
    <>
      {rows.items.length > 0 ? (
        <div style={{ display: "flex", justifyContent: "space-between", marginBottom: 12 }}>
          <Segmented aria-label={t("title")} value={view} onChange={setView} options={(["now", "history"] as const).map((value) => ({ value, label: t(`view.${value}`) }))} />
          {add}
        </div>
      ) : null}
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} minWidth={640} empty={<EmptyState compact title={t("emptyTitle")} hint={t("emptyHint")} action={add} />} />
      <Drawer open={open} onClose={() => setOpen(false)} size={480} title={t("add")} destroyOnHidden>
        <ConsentForm
          customerId={customerId}
          onDone={() => {
            void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(`/customers/${customerId}`) });
            setOpen(false);
          }}
        />
      </Drawer>
    </>
  );
}
