import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { Preview } from "./Preview";
import { read, ringsOf } from "./shape";

type Whole = Schemas["GeofenceWhole"];

function Fields({ whole, onDone }: { whole: Whole | null; onDone: () => void }) {
  const { t, i18n } = useTranslation("geofences");
  const told = useTold();
  const may = useCan()("segment.write");
  const [name, setName] = useState(whole?.name ?? "");
  const [label, setLabel] = useState(whole?.label ?? "");
  const [text, setText] = useState(whole ? JSON.stringify(whole.area) : "");
  const area = useMemo(() => read(text), [text]);
  const save = useMutation({
    mutationFn: () => {
      const shown = label.trim() || name.trim();
      return whole ? api.patch(`/geofences/${encodeURIComponent(whole.name)}`, { label: shown, area }) : api.post("/geofences", { name: name.trim(), label: shown, area });
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/geofences"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  const users = (whole?.used_by ?? []).map((one) => (i18n.language.startsWith("zh") ? one.zh : one.en));
  return (
    <Form layout="vertical" disabled={!may} onFinish={() => save.mutate()}>
      <Form.Item label={t("name")} htmlFor="geofence-name" required extra={name ? t("nameHint", { name: name.trim() }) : t("nameRule")}>
        <Input id="geofence-name" maxLength={50} disabled={whole !== null} value={name} onChange={(event) => setName(event.target.value)} />
      </Form.Item>
      <Form.Item label={t("label")} htmlFor="geofence-label">
        <Input id="geofence-label" maxLength={100} value={label} placeholder={name} onChange={(event) => setLabel(event.target.value)} />
      </Form.Item>
      <Form.Item label={t("area")} htmlFor="geofence-area" required extra={t("areaHint")} validateStatus={text.trim() && !area ? "error" : ""} help={text.trim() && !area ? t("unreadable") : undefined}>
        <Input.TextArea id="geofence-area" rows={8} spellCheck={false} value={text} placeholder={"121.30, 31.10\n121.70, 31.10\n121.70, 31.40"} onChange={(event) => setText(event.target.value)} />
      </Form.Item>
      <Preview rings={ringsOf(area)} />
      {users.length > 0 ? <p className="t-faint">{t("usedBy", { users: users.join(t("comma")) })}</p> : null}
      <Button type="primary" htmlType="submit" disabled={!name.trim() || !area} loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** Draws a new geofence, or the one of that name again. */
export function GeofenceForm({ name, onDone }: { name: string | null; onDone: () => void }) {
  const found = useQuery({ queryKey: ["/geofences", name], queryFn: ({ signal }) => api.get<Whole>(`/geofences/${encodeURIComponent(name ?? "")}`, {}, signal), enabled: name !== null });
  if (name === null) return <Fields whole={null} onDone={onDone} />;
  return <Loaded query={found}>{(whole) => <Fields key={whole.updated_at} whole={whole} onDone={onDone} />}</Loaded>;
}
