import { DeleteOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { api, asApiError, queryClient, usePages } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import styles from "./Groups.module.css";
import type { Group, GroupAccount, GroupCode } from "./types";

interface Seat {
  group_id: string;
  cap: number | null;
}

interface Draft {
  account_id: string;
  name: string;
  channel: string;
  opens_groups: boolean;
  base_name: string;
  base_id: number;
  seats: Seat[];
}

function draftOf(accounts: readonly GroupAccount[], code?: GroupCode): Draft {
  if (!code) return { account_id: accounts[0]?.account_id ?? "", name: "", channel: "", opens_groups: true, base_name: "", base_id: 1, seats: [] };
  const { account_id, name, channel, opens_groups, base_name, base_id, seats } = code;
  return { account_id, name, channel, opens_groups, base_name, base_id, seats: seats.map(({ group_id, cap }) => ({ group_id, cap })) };
}

function SeatsField({ value = [], onChange, groups }: { value?: Seat[]; onChange?: (value: Seat[]) => void; groups: ReadonlyMap<string, string> }) {
  const { t } = useTranslation("groups");
  const put = (seats: Seat[]) => onChange?.(seats);
  const taken = new Set(value.map((one) => one.group_id));
  return (
    <>
      {value.map((seat, index) => {
        const name = groups.get(seat.group_id) ?? t("group.nameless");
        return (
          <div key={seat.group_id} className={styles.seat}>
            <span>
              {index + 1}. {name}
            </span>
            <InputNumber aria-label={t("form.capOf", { name })} min={1} precision={0} placeholder={t("form.noCap")} value={seat.cap} onChange={(cap) => put(value.map((one, place) => (place === index ? { ...one, cap } : one)))} />
            <Button type="text" icon={<DeleteOutlined />} aria-label={t("form.removeGroup", { name })} onClick={() => put(value.filter((one) => one !== seat))} />
          </div>
        );
      })}
      <Select
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("form.addGroup")}
        placeholder={t("form.addGroup")}
        value={null}
        style={{ width: "100%", marginTop: 8 }}
        onChange={(group_id: string | null) => group_id && put([...value, { group_id, cap: null }])}
        options={[...groups].filter(([id]) => !taken.has(id)).map(([id, name]) => ({ value: id, label: name }))}
      />
    </>
  );
}

/** A code that leads into groups, the next one as each fills up. */
export function CodeForm({ accounts, code, onDone }: { accounts: readonly GroupAccount[]; code?: GroupCode; onDone: () => void }) {
  const { t } = useTranslation("groups");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const first = draftOf(accounts, code);
  const account = useDraft(form, first).account_id;
  const called = (name: string) => (name === "" ? t("group.nameless") : name);
  const groups = usePages<Group>("/group-chats", { account_id: account }, 200, Boolean(account));
  const names = new Map([...(code?.seats ?? []).map((one): [string, string] => [one.group_id, called(one.group)]), ...groups.items.map((one): [string, string] => [one.id, called(one.name)])]);
  const save = useMutation({
    mutationFn: ({ account_id, ...draft }: Draft) => (code ? api.patch(`/group-codes/${code.id}`, draft) : api.post("/group-codes", { ...draft, account_id })),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/group-codes"] }), told.done(t("shared:state.saved")), onDone()),
  });
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" initialValues={first} onFinish={(draft) => save.mutate({ ...first, ...draft })}>
      {!code && accounts.length > 1 ? (
        <Form.Item name="account_id" label={t("form.account")}>
          <Select options={accounts.map((one) => ({ value: one.account_id, label: one.name }))} />
        </Form.Item>
      ) : null}
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={30} />
      </Form.Item>
      <Form.Item name="channel" label={t("form.channel")} extra={t("form.channelHint")}>
        <Input maxLength={30} />
      </Form.Item>
      <Form.Item name="seats" label={t("form.groups")} extra={t("form.groupsHint")} rules={[{ required: true, type: "array", min: 1, message: t("form.groupsNeeded") }]}>
        <SeatsField groups={names} />
      </Form.Item>
      <Form.Item name="opens_groups" label={t("form.opens")} required extra={t("form.opensHint")} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="base_name" label={t("form.baseName")}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="base_id" label={t("form.baseId")}>
        <InputNumber min={1} precision={0} />
      </Form.Item>
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
