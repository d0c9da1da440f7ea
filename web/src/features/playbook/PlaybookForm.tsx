import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select } from "antd";
import { api, asApiError, queryClient, usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { filled } from "@/shared/media";
import { useTold } from "@/shared/states";
import { StepsField } from "./StepsField";
import { inOrder, START, type Account, type Draft, type Group, type Playbook } from "./types";

function draftOf(accounts: readonly Account[], one?: Playbook): Draft {
  if (!one) return { account_id: accounts[0]?.account_id ?? "", name: "", groups: [], begins_on: null, steps: [START] };
  const steps = one.steps.map(({ day, at, kind, title, body, attachments, coupon_id }) => ({ day, at, kind, title, body, attachments, coupon_id }));
  return { account_id: one.account_id, name: one.name, groups: one.groups, begins_on: one.begins_on, steps };
}

/** A plan of days for some groups, as a draft: nothing happens before it begins. */
export function PlaybookForm({ accounts, playbook, onDone }: { accounts: readonly Account[]; playbook?: Playbook; onDone: (id: string) => void }) {
  const { t } = useTranslation("playbook");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const first = draftOf(accounts, playbook);
  const account = Form.useWatch<string | undefined>("account_id", form) ?? first.account_id;
  const groups = usePages<Group>("/group-chats", { account_id: account }, 200, account !== "");
  const save = useMutation({
    mutationFn: ({ account_id, ...draft }: Draft) => {
      const plan = { ...draft, begins_on: draft.begins_on === "" ? null : draft.begins_on, steps: inOrder(draft.steps).map((one) => ({ ...one, attachments: filled(one.attachments) })) };
      return playbook ? api.put<Playbook>(`/group-playbooks/${playbook.id}`, plan) : api.post<Playbook>("/group-playbooks", { ...plan, account_id });
    },
    onSuccess: (made) => (void queryClient.invalidateQueries({ queryKey: ["/group-playbooks"] }), told.done(t("shared:state.saved")), onDone(made.id)),
  });
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" initialValues={first} onFinish={(draft) => save.mutate({ ...first, ...draft })}>
      {!playbook && accounts.length > 1 ? (
        <Form.Item name="account_id" label={t("form.account")} required>
          <Select options={accounts.map((one) => ({ value: one.account_id, label: one.name }))} />
        </Form.Item>
      ) : null}
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={100} placeholder={t("form.nameExample")} />
      </Form.Item>
      <Form.Item name="groups" label={t("form.groups")} required extra={t("form.groupsHint")}>
        <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={groups.items.map((one) => ({ value: one.id, label: one.name || one.owner_name }))} />
      </Form.Item>
      <Form.Item name="begins_on" label={t("form.begins")} extra={t("form.beginsHint")}>
        <Input type="date" />
      </Form.Item>
      <Form.Item name="steps" label={t("form.steps")} required extra={t("form.stepsHint")}>
        <StepsField />
      </Form.Item>
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
