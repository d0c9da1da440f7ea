import { Button, Checkbox, Form, Input, Select, Space } from "antd";
import { useMemo, useState } from "react";
import { usePages } from "@/shared/api";
import { ExpressionEditor, unfinished } from "@/shared/expression";
import { useSay, useTranslation } from "@/shared/i18n";
import { MANNERS, SIMULATED, type Draft, type EventType, type Webhook } from "./types";

const EVERY = "*";
const START: Draft = { name: "", url: "", event_types: [], filter: "", include_personal: false };

interface Props {
  webhook?: Webhook;
  busy: boolean;
  onSave: (draft: Draft) => void;
}

/** Who has no receiver yet tries one that needs none. */
function Simulated({ onChoose }: { onChoose: (url: string) => void }) {
  const { t } = useTranslation("webhooks");
  return (
    <>
      {t("urlHint")} {t("simulated.try")}
      <Space size={4} wrap>
        {MANNERS.map((manner) => (
          <Button key={manner} size="small" type="link" onClick={() => onChoose(`${SIMULATED}${manner}`)}>
            {t(`simulated.${manner}`)}
          </Button>
        ))}
      </Space>
    </>
  );
}

/** Which events go where, and on what condition. A condition over the event needs exactly one type. */
export function WebhookForm({ webhook, busy, onSave }: Props) {
  const { t } = useTranslation("webhooks");
  const say = useSay();
  const types = usePages<EventType>("/webhook-event-types", {}, 200);
  const [draft, setDraft] = useState<Draft>(webhook ? { name: webhook.name, url: webhook.url, event_types: webhook.event_types, filter: webhook.filter, include_personal: webhook.include_personal } : START);
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const options = useMemo(() => [{ value: EVERY, label: t("everyType") }, ...types.items.map((one) => ({ value: one.name, label: `${say(one.label)} · ${one.name}` }))], [types.items, say, t]);
  const [only] = draft.event_types;
  const scope: Record<string, string> = only && only !== EVERY && draft.event_types.length === 1 ? { customer: "customer", event: only } : { customer: "customer" };
  return (
    <Form layout="vertical" onFinish={() => onSave({ ...draft, name: draft.name.trim(), url: draft.url.trim() })}>
      <Form.Item label={t("name")} htmlFor="webhook-name" required>
        <Input id="webhook-name" maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
      </Form.Item>
      <Form.Item label={t("url")} htmlFor="webhook-url" extra={<Simulated onChoose={(url) => change({ url })} />} required>
        <Input id="webhook-url" maxLength={2000} placeholder="https://example.com/hooks/tandem" value={draft.url} onChange={(event) => change({ url: event.target.value })} />
      </Form.Item>
      <Form.Item label={t("types")} htmlFor="webhook-types" required>
        <Select
          id="webhook-types"
          mode="multiple"
          showSearch={{ optionFilterProp: "label" }}
          value={draft.event_types}
          options={options}
          loading={types.isPending}
          onChange={(chosen: string[]) => change({ event_types: chosen.at(-1) === EVERY ? [EVERY] : chosen.filter((one) => one !== EVERY) })}
        />
      </Form.Item>
      <Form.Item label={t("filter")} extra={t("filterHint")}>
        <ExpressionEditor value={draft.filter} onChange={(filter) => change({ filter })} scope={scope} compact />
      </Form.Item>
      <Form.Item extra={t("personalHint")}>
        <Checkbox checked={draft.include_personal} onChange={(event) => change({ include_personal: event.target.checked })}>
          {t("personal")}
        </Checkbox>
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} disabled={!draft.name.trim() || !draft.url.trim() || draft.event_types.length === 0 || unfinished(draft.filter) > 0}>
        {webhook ? t("save") : t("make")}
      </Button>
    </Form>
  );
}
