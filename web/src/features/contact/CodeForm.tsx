import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Radio, Select, Switch } from "antd";
import { api, asApiError, queryClient, usePages } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { seatOf } from "./hours";
import { SeatsField } from "./SeatsField";
import type { Account, Adviser, LiveCode, Seat } from "./types";

interface Draft {
  account_id: string;
  name: string;
  channel: string;
  kind: LiveCode["kind"];
  skip_verify: boolean;
  tags: string[];
  seats: Seat[];
}

const START: Draft = { account_id: "", name: "", channel: "", kind: "many", skip_verify: true, tags: [], seats: [] };

/** What a form does not show stays as it is; what the server counted itself is not sent back. */
function keep({ account_id, name, channel, kind, skip_verify, tags, seats }: Draft): Draft {
  return { account_id, name, channel, kind, skip_verify, tags, seats };
}

interface Props {
  accounts: readonly Account[];
  code?: LiveCode;
  onDone: (id: string) => void;
}

function useSave({ code, onDone }: Pick<Props, "code" | "onDone">) {
  const { t } = useTranslation("contact");
  const told = useTold();
  return useMutation({
    mutationFn: ({ account_id, kind, ...draft }: Draft) => (code ? api.patch<LiveCode>(`/live-codes/${code.id}`, draft) : api.post<LiveCode>("/live-codes", { account_id, kind, ...draft })),
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["/live-codes"] });
      void queryClient.invalidateQueries({ queryKey: ["/contact-accounts"] });
      told.done(t("shared:state.saved"));
      onDone(made.id);
    },
  });
}

/** A new live code, or one that is changed; its printed QR code stays the same. */
export function CodeForm({ accounts, code, onDone }: Props) {
  const { t } = useTranslation("contact");
  const say = useSay();
  const [form] = Form.useForm<Draft>();
  const save = useSave({ code, onDone });
  const first: Draft = code ? { ...code, seats: code.seats.map(seatOf) } : { ...START, account_id: accounts[0]?.id ?? "" };
  const draft = useDraft(form, first);
  const account = draft.account_id;
  const single = draft.kind === "single";
  const advisers = usePages<Adviser>("/advisers", { account_id: account }, 1000, Boolean(account));
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" initialValues={first} onFinish={(draft) => save.mutate({ ...keep(first), ...draft })}>
      {!code && accounts.length > 1 ? (
        <Form.Item name="account_id" label={t("form.account")}>
          <Select options={accounts.map((one) => ({ value: one.id, label: one.name }))} />
        </Form.Item>
      ) : null}
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={30} />
      </Form.Item>
      <Form.Item name="channel" label={t("form.channel")} extra={t("form.channelHint")}>
        <Input maxLength={30} placeholder={t("form.channelExample")} />
      </Form.Item>
      {code ? null : (
        <Form.Item name="kind" label={t("form.kind")} extra={t(draft.kind === "link" ? "form.linkHint" : "form.kindHint")}>
          <Radio.Group
            optionType="button"
            options={[
              { value: "many", label: t("form.many") },
              { value: "single", label: t("form.single") },
              { value: "link", label: t("form.link") },
            ]}
          />
        </Form.Item>
      )}
      <Form.Item name="seats" label={t("form.seats")} extra={single ? undefined : t("form.seatsHint")} rules={[{ required: true, type: "array", min: 1, message: t("form.seatsNeeded") }]}>
        <SeatsField advisers={advisers.items} single={single} known={new Map(code?.seats.map((one) => [one.member, one.name]))} />
      </Form.Item>
      <Form.Item name="tags" label={t("form.tags")} extra={t("form.tagsHint")}>
        <Select mode="tags" tokenSeparators={["，", ","]} open={false} suffix={null} />
      </Form.Item>
      <Form.Item name="skip_verify" label={t("form.skipVerify")} valuePropName="checked">
        <Switch />
      </Form.Item>
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
