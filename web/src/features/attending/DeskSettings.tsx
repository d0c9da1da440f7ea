import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { api, queryClient, usePages } from "@/shared/api";
import { HoursField } from "@/shared/chat";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import type { Adviser, Desk } from "./types";

const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/service-desks"] });

function One({ desk, onDone }: { desk: Desk; onDone: () => void }) {
  const { t } = useTranslation("attending");
  const told = useTold();
  const advisers = usePages<Adviser>("/advisers", { account_id: desk.account_id }, 1000);
  const save = useMutation({
    mutationFn: (draft: object) => api.patch(`/service-desks/${desk.id}`, { ...draft, hand_to: (draft as { hand_to?: string }).hand_to ?? "" }),
    onSuccess: () => {
      refresh();
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  return (
    <Form layout="vertical" requiredMark="optional" initialValues={{ ...desk, hand_to: desk.hand_to || undefined }} onFinish={(draft: object) => save.mutate(draft)}>
      <h3>{t("desk.one", { name: desk.name, account: desk.account })}</h3>
      <Form.Item name="active" label={t("set.active")} extra={t("set.activeHint")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="answers" label={t("set.answers")} required>
        <Select options={(["out_of_hours", "always"] as const).map((value) => ({ value, label: t(`set.when.${value}`) }))} />
      </Form.Item>
      <Form.Item name="hours" label={t("set.hours")} required>
        <HoursField />
      </Form.Item>
      <Form.Item name="threshold" label={t("set.threshold")} extra={t("set.thresholdHint")} required>
        <InputNumber min={0.1} max={1} step={0.05} />
      </Form.Item>
      <Form.Item name="polite" label={t("set.polite")} extra={t("set.politeHint")}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="offers" label={t("set.offers")} extra={t("set.offersHint")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="hand_to" label={t("set.handTo")} extra={t("set.handToHint")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={advisers.items.map((one) => ({ value: one.member, label: one.name }))} />
      </Form.Item>
      <Form.Item name="alarm_minutes" label={t("set.alarm")} required>
        <InputNumber min={1} max={1440} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** How desks serve; which there are the platform says. */
export function DeskSettings({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("attending");
  const told = useTold();
  const rows = usePages<Desk>("/service-desks", {}, 100);
  const read = useMutation({ mutationFn: () => api.post("/service-desks/read", {}), onSuccess: refresh, onError: told.failed });
  const ask = (
    <Button loading={read.isPending} onClick={() => read.mutate()}>
      {t("desk.read")}
    </Button>
  );
  const none = <EmptyState title={t("desk.noDesk")} hint={t("desk.noDeskHint")} action={ask} />;
  const shown = (
    <>
      {rows.items.map((one) => (
        <One key={one.id} desk={one} onDone={onDone} />
      ))}
      <p style={{ marginTop: 20 }}>{ask}</p>
    </>
  );
  return <Loaded query={rows}>{() => (rows.items.length === 0 ? none : shown)}</Loaded>;
}
