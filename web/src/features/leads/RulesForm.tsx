import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, InputNumber, Select } from "antd";
import { api, usePages, type Page } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Loaded, useTold } from "@/shared/states";
import { refresh, type LeadRules } from "./types";

interface Values {
  assign: string;
  same_days: number;
  remind_minutes: number;
  win_days: number;
  people: string[];
  stores: Record<string, string | undefined>;
}

function Fields({ rules, onDone }: { rules: LeadRules; onDone: () => void }) {
  const { t } = useTranslation("leads");
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const staff = usePages<{ id: string; name: string }>("/flow-choices/users", {}, 200);
  const stores = useQuery({ queryKey: ["/stores", "choices"], queryFn: ({ signal }) => api.get<Page<{ id: string; name: string }>>("/stores", undefined, signal), staleTime: 60_000 });
  const people = Form.useWatch<string[] | undefined>("people", form) ?? rules.seats.map((one) => one.user_id);
  const called = (id: string) => staff.items.find((one) => one.id === id)?.name ?? rules.seats.find((one) => one.user_id === id)?.name ?? "";
  const save = useMutation({
    mutationFn: ({ people: chosen, stores: of, ...rest }: Values) => api.put("/lead-rules", { ...rest, seats: chosen.map((user_id) => ({ user_id, store_id: of[user_id] ?? null })) }),
    onSuccess: () => (refresh(), told.done(t("shared:state.saved")), onDone()),
    onError: told.failed,
  });
  const number = (name: "same_days" | "remind_minutes" | "win_days", min: number, max: number) => (
    <Form.Item name={name} label={t(`rule.${name}`)} extra={t(`rule.${name}Hint`)}>
      <InputNumber min={min} max={max} style={{ width: 140 }} />
    </Form.Item>
  );
  return (
    <Form
      form={form}
      layout="vertical"
      onFinish={(values) => save.mutate({ ...values, stores: (form.getFieldValue("stores") ?? {}) as Values["stores"] })}
      initialValues={{ ...rules, people: rules.seats.map((one) => one.user_id), stores: Object.fromEntries(rules.seats.map((one) => [one.user_id, one.store_id ?? undefined])) }}
    >
      <Form.Item name="people" label={t("rule.people")} extra={t("rule.peopleHint")}>
        <Select mode="multiple" options={staff.items.map((one) => ({ value: one.id, label: one.name }))} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      {people.map((id) => (
        <Form.Item key={id} name={["stores", id]} label={t("rule.storeOf", { name: called(id) })}>
          <Select allowClear placeholder={t("rule.everyStore")} options={(stores.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))} />
        </Form.Item>
      ))}
      <Form.Item name="assign" label={t("rule.assign")}>
        <Select options={["load", "turns", "hand"].map((value) => ({ value, label: t(`assign.${value}`) }))} />
      </Form.Item>
      {number("same_days", 1, 90)}
      {number("remind_minutes", 5, 10_080)}
      {number("win_days", 1, 365)}
      <p className="t-faint">{t("rule.points", { points: Object.entries(rules.points).map(([sign, points]) => `${t(`sign.${sign}`)} ${points}`).join(t("join")) })}</p>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** Who gets leads, and the rules by which they are kept. */
export function RulesForm({ onDone }: { onDone: () => void }) {
  const query = useQuery({ queryKey: ["/lead-rules"], queryFn: ({ signal }) => api.get<LeadRules>("/lead-rules", undefined, signal) });
  return (
    <Loaded query={query} rows={6}>
      {(rules) => <Fields rules={rules} onDone={onDone} />}
    </Loaded>
  );
}
