import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Drawer, Form, InputNumber, Space, TimePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import type { FrequencyCap } from "./types";

const KEY = ["/frequency-cap"];
const CAPS = ["per_day", "per_week", "per_month"] as const;

function QuietTime({ value, label, disabled, onChange }: { value: string | null | undefined; label: string; disabled: boolean; onChange: (value: string | null) => void }) {
  return <TimePicker format="HH:mm" disabled={disabled} aria-label={label} placeholder={label} value={value ? dayjs(`2000-01-01T${value}`) : null} onChange={(time) => onChange(time?.format("HH:mm:ss") ?? null)} />;
}

function RulesForm({ cap, onDone }: { cap: FrequencyCap; onDone: () => void }) {
  const { t } = useTranslation("messages");
  const told = useTold();
  const editable = useCan()("message.write");
  const [draft, setDraft] = useState(cap);
  const change = (changes: Partial<FrequencyCap>) => setDraft((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: () => api.put<FrequencyCap>("/frequency-cap", draft),
    onSuccess: (saved) => {
      queryClient.setQueryData(KEY, saved);
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <Form layout="vertical" disabled={!editable} onFinish={() => save.mutate()}>
      <p className="t-soft" style={{ marginBottom: 16 }}>
        {t("rules.hint")}
      </p>
      {CAPS.map((key) => (
        <Form.Item key={key} label={t(`rules.${key}`)} htmlFor={key}>
          <InputNumber id={key} min={1} precision={0} suffix={t("rules.unit")} style={{ width: 160 }} value={draft[key] ?? null} onChange={(value) => change({ [key]: value })} />
        </Form.Item>
      ))}
      <Form.Item label={t("rules.quiet")}>
        <Space>
          <QuietTime label={t("rules.quietFrom")} disabled={!editable} value={draft.quiet_from} onChange={(quiet_from) => change({ quiet_from })} />
          <QuietTime label={t("rules.quietUntil")} disabled={!editable} value={draft.quiet_until} onChange={(quiet_until) => change({ quiet_until })} />
        </Space>
      </Form.Item>
      {editable ? (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t("rules.save")}
        </Button>
      ) : null}
    </Form>
  );
}

export function SendingRules({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("messages");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<FrequencyCap>("/frequency-cap", undefined, signal), enabled: open });
  return (
    <Drawer open={open} onClose={onClose} size={420} title={t("rules.title")} destroyOnHidden>
      <Loaded query={query}>{(cap) => <RulesForm cap={cap} onDone={onClose} />}</Loaded>
    </Drawer>
  );
}
