import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Drawer, Form, Input, Select, Switch, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { FieldClasses } from "./FieldClasses";
import styles from "./Rights.module.css";

type Wording = Schemas["ConsentTextOut"];
type Rules = Schemas["ConsentRules"];

const PURPOSES = ["marketing", "service", "profiling", "sensitive"] as const;
type Purpose = (typeof PURPOSES)[number];
const CHANNELS = ["sms", "wecom", "email", "phone", "official_account", "page", "mini_program", "dingtalk", "feishu", "simulated"] as const;
const BOUND: ReadonlySet<string> = new Set(["marketing", "service"]);
const EVERY = "*";

interface Draft {
  purpose: Purpose;
  channel: string;
  wording: string;
}

function useWordingColumns(newest: ReadonlySet<string>, onNext: ((one: Wording) => void) | null): Column<Wording>[] {
  const { t } = useTranslation("rights");
  return useMemo(
    () => [
      { key: "purpose", title: t("consent.purpose"), width: 110, render: (row) => t(`consent.of.${row.purpose}`) },
      { key: "channel", title: t("consent.channel"), width: 110, render: (row) => t(`consent.by.${row.channel}`, { defaultValue: row.channel }) },
      {
        key: "version",
        title: t("consent.version"),
        width: 130,
        render: (row) => (
          <>
            {t("consent.versionOf", { version: row.version })} {newest.has(row.id) ? <Tag color="success">{t("consent.shown")}</Tag> : <Tag>{t("consent.old")}</Tag>}
          </>
        ),
      },
      { key: "wording", title: t("consent.wording"), render: (row) => <span style={{ whiteSpace: "pre-wrap" }}>{row.wording}</span> },
      { key: "used", title: t("consent.used"), width: 110, align: "right", render: (row) => <Num value={row.used} /> },
      { key: "created", title: t("consent.since"), width: 150, render: (row) => <Time value={row.created_at} /> },
      {
        key: "next",
        title: "",
        width: 110,
        render: (row) =>
          onNext && newest.has(row.id) ? (
            <Button size="small" onClick={() => onNext(row)}>
              {t("consent.next")}
            </Button>
          ) : null,
      },
    ],
    [t, newest, onNext],
  );
}

/** The newest wording of each purpose and channel: what is shown to people from now on. */
function newestOf(items: readonly Wording[]): Set<string> {
  const found = new Map<string, Wording>();
  for (const one of items) {
    const place = `${one.purpose} ${one.channel}`;
    const known = found.get(place);
    if (!known || known.version < one.version) found.set(place, one);
  }
  return new Set([...found.values()].map((one) => one.id));
}

function WordingForm({ first, onDone }: { first: Draft; onDone: () => void }) {
  const { t } = useTranslation("rights");
  const told = useTold();
  const [draft, setDraft] = useState(first);
  const fixed = first.wording !== "";
  const save = useMutation({
    mutationFn: () => api.post<Wording>("/consent-texts", draft),
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["/consent-texts"] });
      told.done(t("consent.saved", { version: made.version }));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <Form layout="vertical" onFinish={() => save.mutate()}>
      <Alert type="info" showIcon title={t("consent.keepHint")} style={{ marginBottom: 16 }} />
      <Form.Item label={t("consent.purpose")} htmlFor="wording-purpose">
        <Select id="wording-purpose" disabled={fixed} value={draft.purpose} onChange={(purpose) => setDraft({ ...draft, purpose, channel: BOUND.has(purpose) ? draft.channel : EVERY })} options={PURPOSES.map((value) => ({ value, label: t(`consent.of.${value}`) }))} />
      </Form.Item>
      <Form.Item label={t("consent.channel")} htmlFor="wording-channel" extra={t("consent.channelHint")}>
        <Select id="wording-channel" disabled={fixed || !BOUND.has(draft.purpose)} value={draft.channel} onChange={(channel) => setDraft({ ...draft, channel })} options={[EVERY, ...CHANNELS].map((value) => ({ value, label: t(`consent.by.${value}`) }))} />
      </Form.Item>
      <Form.Item label={t("consent.wording")} htmlFor="wording-text" required extra={t("consent.wordingHint")}>
        <Input.TextArea id="wording-text" rows={8} maxLength={10_000} value={draft.wording} onChange={(event) => setDraft({ ...draft, wording: event.target.value })} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!draft.wording.trim() || draft.wording.trim() === first.wording.trim()}>
        {t("consent.publish")}
      </Button>
    </Form>
  );
}

function Wordings() {
  const { t } = useTranslation("rights");
  const can = useCan();
  const rows = usePages<Wording>("/consent-texts", {}, 1000);
  const [draft, setDraft] = useState<Draft | null>(null);
  const writes = can("settings.write");
  const newest = useMemo(() => newestOf(rows.items), [rows.items]);
  const next = useMemo(() => (writes ? (one: Wording) => setDraft({ purpose: one.purpose as Purpose, channel: one.channel, wording: one.wording }) : null), [writes]);
  const columns = useWordingColumns(newest, next);
  const create = writes ? (
    <Button type="primary" onClick={() => setDraft({ purpose: "marketing", channel: EVERY, wording: "" })}>
      {t("consent.create")}
    </Button>
  ) : null;
  return (
    <Section title={t("consent.wordings")} extra={rows.items.length > 0 ? create : null} flush>
      <DataTable label={t("consent.wordings")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState compact title={t("consent.noWordings")} hint={t("consent.noWordingsHint")} action={create} />} />
      <Drawer open={draft !== null} onClose={() => setDraft(null)} size={560} title={t(draft?.wording ? "consent.next" : "consent.create")} destroyOnHidden>
        {draft ? <WordingForm first={draft} onDone={() => setDraft(null)} /> : null}
      </Drawer>
    </Section>
  );
}

function RuleRows({ rules }: { rules: Rules["rules"] }) {
  const { t } = useTranslation("rights");
  const told = useTold();
  const can = useCan();
  const set = useMutation({
    mutationFn: ({ channel, mode }: { channel: string; mode: "opt_in" | "opt_out" }) => api.put<Rules>(`/consent-rules/${channel}`, { mode }),
    onSuccess: (now) => {
      queryClient.setQueryData(["/consent-rules"], now);
      told.done(t("consent.ruleSaved"));
    },
    onError: told.failed,
  });
  const channels = [...new Set([...CHANNELS, ...Object.keys(rules)])];
  return (
    <div className={styles.rows}>
      {channels.map((channel) => {
        const asked = rules[channel] === "opt_in";
        const name = t(`consent.by.${channel}`, { defaultValue: channel });
        return [
          <strong key={`${channel}-name`}>{name}</strong>,
          <Switch key={`${channel}-switch`} aria-label={t("consent.ruleOf", { channel: name })} disabled={!can("settings.write")} checked={asked} loading={set.isPending && set.variables.channel === channel} onChange={(on) => set.mutate({ channel, mode: on ? "opt_in" : "opt_out" })} />,
          <span key={`${channel}-told`} className="t-faint">
            {t(asked ? "consent.optIn" : "consent.optOut")}
          </span>,
        ];
      })}
    </div>
  );
}

/** What people are asked to agree to, word by word and version by version, and where marketing may only go to who agreed. */
export function ConsentsPage() {
  const { t } = useTranslation("rights");
  const can = useCan();
  const rules = useQuery({ queryKey: ["/consent-rules"], queryFn: ({ signal }) => api.get<Rules>("/consent-rules", undefined, signal) });
  return (
    <Page title={t("consent.title")} lead={t("consent.lead")}>
      <div className={styles.stack}>
        <Section title={t("consent.rules")}>
          <p className={styles.hint}>{t("consent.rulesHint")}</p>
          <Loaded query={rules}>{(found) => <RuleRows rules={found.rules} />}</Loaded>
        </Section>
        {/* What customers said, and which fields they have, is for whoever may see customers. */}
        {can("customer.read") ? (
          <>
            <Wordings />
            <FieldClasses />
          </>
        ) : null}
      </div>
    </Page>
  );
}
