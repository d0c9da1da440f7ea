import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, Form, Input, InputNumber, Select, Typography } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { api, asApiError, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { Cleaning } from "./Cleaning";
import { Trial } from "./Trial";
import type { Source } from "./types";
import styles from "./Intake.module.css";

const CONFIGS: Record<string, unknown> = {
  webhook: { verify: "hmac_sha256", header: "X-Signature", encoding: "hex", prefix: "" },
  poll: { url: "https://", every_seconds: 60, overlap_seconds: 300, back_days: 90, since_parameter: "since", page_parameter: "page", records: "items", next: "next", changed: "updated_at" },
};
/** Providers' delivery reports: their form is known, so there is nothing to set and nothing to map. */
export const REPORTS = ["aliyun_sms", "tencent_sms"] as const;
const isReports = (connector: string) => (REPORTS as readonly string[]).includes(connector);
const MAPPING = {
  each: null,
  rules: [
    {
      kind: "customer",
      external_id: "id",
      time: { path: "updated_at", as: "time" },
      fields: { "identifiers[0].kind": { value: "phone" }, "identifiers[0].value": { path: "mobile" }, name: { path: "name" } },
    },
  ],
};

const text = (value: unknown) => JSON.stringify(value, null, 2);

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** A kept secret goes to no other host: the one for it is asked for. */
function wantsSecret(error: unknown): boolean {
  return error !== null && asApiError(error).code === "secret_needed";
}

interface Values {
  name: string;
  source: string;
  connector: string;
  config: string;
  mapping: string;
  secret: string;
  lag: number;
  fail: number;
  silent: number | null;
  expires: Dayjs | null;
}

function valuesOf(source: Source | null): Values {
  return {
    name: source?.name ?? "",
    source: source?.source ?? "",
    connector: source?.connector ?? "webhook",
    config: text(source?.config ?? CONFIGS.webhook),
    mapping: text(source && isReports(source.connector) ? null : (source?.mapping ?? MAPPING)),
    secret: "",
    lag: source?.lag_seconds_max ?? 3600,
    fail: source?.failure_percent_max ?? 5,
    silent: source?.silent_minutes_max ?? null,
    expires: source?.secret_expires_at ? dayjs(source.secret_expires_at) : null,
  };
}

function useSave(source: Source | null, values: Values, onDone: (secret: string | null) => void) {
  const { t } = useTranslation("intake");
  const told = useTold();
  return useMutation({
    mutationFn: async () => {
      const body = {
        name: values.name.trim(),
        config: parsed(values.config),
        mapping: parsed(values.mapping),
        lag_seconds_max: values.lag,
        failure_percent_max: values.fail,
        silent_minutes_max: values.silent,
        secret_expires_at: values.expires?.endOf("day").toISOString() ?? null,
      };
      if (source) {
        await api.patch(`/source-accounts/${source.id}`, values.secret ? { ...body, secret: values.secret } : body);
        return null;
      }
      const made = await api.post<Schemas["MadeSource"]>("/source-accounts", { ...body, source: values.source.trim(), connector: values.connector, secret: values.secret || null });
      return values.secret ? null : made.secret;
    },
    onSuccess: (secret) => {
      void queryClient.invalidateQueries({ queryKey: ["/source-accounts"] });
      told.done(t("sources.saved"));
      onDone(secret);
    },
    onError: (error) => {
      if (wantsSecret(error)) document.getElementById("source-secret")?.focus();
      else told.failed(error);
    },
  });
}

/** An account: who it is, how its sender proves itself, how its data is read, and when to worry. */
export function SourceForm({ source, connectors, onDone }: { source: Source | null; connectors: readonly string[]; onDone: (secret: string | null) => void }) {
  const { t } = useTranslation("intake");
  const [values, setValues] = useState(() => valuesOf(source));
  const set = (change: Partial<Values>) => setValues((before) => ({ ...before, ...change }));
  const save = useSave(source, values, onDone);
  const badConfig = parsed(values.config) === undefined;
  const badMapping = parsed(values.mapping) === undefined;
  const lacksSecret = !values.secret && wantsSecret(save.error);
  return (
    <Form layout="vertical" onFinish={() => save.mutate()}>
      <div className={styles.columns}>
        <Form.Item label={t("sources.name")} htmlFor="source-name" required>
          <Input id="source-name" maxLength={100} value={values.name} onChange={(event) => set({ name: event.target.value })} />
        </Form.Item>
        <Form.Item label={t("sources.source")} htmlFor="source-code" required extra={source ? null : t("sources.sourceHint")}>
          <Input id="source-code" maxLength={64} disabled={source !== null} value={values.source} onChange={(event) => set({ source: event.target.value })} />
        </Form.Item>
        <Form.Item label={t("sources.connector")} htmlFor="source-connector">
          <Select id="source-connector" disabled={source !== null} value={values.connector} options={connectors.map((value) => ({ value, label: t(`sources.${value}`, { defaultValue: value }) }))} onChange={(connector) => set({ connector, config: text(CONFIGS[connector] ?? {}), mapping: text(isReports(connector) ? null : MAPPING) })} />
        </Form.Item>
        <Form.Item label={t("sources.secret")} htmlFor="source-secret" extra={t("sources.secretHint")} {...(lacksSecret ? { validateStatus: "error", help: asApiError(save.error).sentence } : {})}>
          <Input.Password id="source-secret" autoComplete="new-password" minLength={8} maxLength={500} value={values.secret} onChange={(event) => set({ secret: event.target.value })} />
        </Form.Item>
      </div>
      {source?.address ? (
        <p>
          {t("sources.address")}:{" "}
          <Typography.Text copyable code>
            {isReports(values.connector) ? `${source.address}?token=…` : source.address}
          </Typography.Text>
        </p>
      ) : null}
      {isReports(values.connector) ? <p style={{ marginBottom: 16 }}>{t("sources.reportsHint")}</p> : null}
      <Form.Item hidden={isReports(values.connector)} label={t("sources.config")} htmlFor="source-config" extra={t("sources.configHint")} {...(badConfig ? { validateStatus: "error", help: t("sources.badJson") } : {})}>
        <Input.TextArea id="source-config" className={styles.code ?? ""} rows={6} value={values.config} onChange={(event) => set({ config: event.target.value })} />
      </Form.Item>
      <Form.Item hidden={isReports(values.connector)} label={t("sources.mapping")} htmlFor="source-mapping" extra={t("sources.mappingHint")} {...(badMapping ? { validateStatus: "error", help: t("sources.badJson") } : {})}>
        <Input.TextArea id="source-mapping" className={styles.code ?? ""} rows={14} value={values.mapping} onChange={(event) => set({ mapping: event.target.value })} />
      </Form.Item>
      {isReports(values.connector) ? null : <Cleaning mapping={parsed(values.mapping)} onChange={(mapping) => set({ mapping: text(mapping) })} />}
      {isReports(values.connector) ? null : <Trial mapping={parsed(values.mapping)} />}
      <div className={styles.columns}>
        <Form.Item label={t("sources.lagMax")} htmlFor="source-lag">
          <InputNumber id="source-lag" min={1} value={values.lag} onChange={(lag) => set({ lag: lag ?? 3600 })} />
        </Form.Item>
        <Form.Item label={t("sources.failMax")} htmlFor="source-fail">
          <InputNumber id="source-fail" min={0} max={100} value={values.fail} onChange={(fail) => set({ fail: fail ?? 5 })} />
        </Form.Item>
        <Form.Item label={t("sources.expires")} htmlFor="source-expires" extra={t("sources.expiresHint")}>
          <DatePicker id="source-expires" value={values.expires} onChange={(expires) => set({ expires })} />
        </Form.Item>
        <Form.Item label={t("sources.silentMax")} htmlFor="source-silent">
          <InputNumber id="source-silent" min={1} value={values.silent} onChange={(silent) => set({ silent })} />
        </Form.Item>
      </div>
      <Button type="primary" htmlType="submit" loading={save.isPending} disabled={badConfig || badMapping || !values.name.trim() || !values.source.trim()}>
        {t("sources.save")}
      </Button>
    </Form>
  );
}
