import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Radio, Select } from "antd";
import { api, asApiError, queryClient, usePages } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useSay, useTranslation } from "@/shared/i18n";
import { AttachmentsField, filled, type Attachment } from "@/shared/media";
import { useTold } from "@/shared/states";
import type { Adviser, Group, MassAccount, MassSend, Segment, TagGroup } from "./types";

const POSTS = ["image", "video", "link"] as const;

interface Draft {
  account_id: string;
  name: string;
  kind: MassSend["kind"];
  body: string;
  attachments: Attachment[];
  segment_id: string | null;
  members: string[];
  groups: string[];
  tags: string[];
}

function draftOf(accounts: readonly MassAccount[], send?: MassSend): Draft {
  return {
    account_id: send?.account_id ?? accounts[0]?.account_id ?? "", name: send?.name ?? "", kind: send?.kind ?? "customers", body: send?.body ?? "", attachments: send?.attachments ?? [],
    segment_id: send?.segment_id ?? null, members: send?.members ?? [], groups: send?.groups ?? [], tags: send?.tags ?? [],
  };
}

function Whom({ kind, account }: { kind: Draft["kind"]; account: string }) {
  const { t } = useTranslation("sending");
  const segments = usePages<Segment>("/segments", {}, 200, kind === "customers");
  const groups = usePages<Group>("/group-chats", { account_id: account }, 200, kind === "groups");
  const advisers = usePages<Adviser>("/advisers", { account_id: account }, 1000, kind !== "groups");
  const tags = usePages<TagGroup>("/platform-tag-groups", {}, 1000, kind === "moments");
  const seenBy = tags.items.filter((one) => one.account_id === account).map((one) => ({ label: one.name, options: one.tags.filter((tag) => tag.status === "there").map((tag) => ({ value: tag.id, label: tag.name })) }));
  return (
    <>
      {kind === "moments" ? (
        <Form.Item name="tags" label={t("form.tags")} extra={t("form.tagsHint")}>
          <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t("form.anyTag")} options={seenBy.filter((one) => one.options.length > 0)} />
        </Form.Item>
      ) : null}
      {kind === "customers" ? (
        <Form.Item name="segment_id" label={t("form.segment")} required extra={t("form.segmentHint")}>
          <Select showSearch={{ optionFilterProp: "label" }} allowClear options={segments.items.map((one) => ({ value: one.id, label: one.name }))} />
        </Form.Item>
      ) : null}
      {kind === "groups" ? (
        <Form.Item name="groups" label={t("form.groups")} required extra={t("form.groupsHint")}>
          <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={groups.items.map((one) => ({ value: one.id, label: one.name || one.owner_name }))} />
        </Form.Item>
      ) : (
        <Form.Item name="members" label={t("form.members")}>
          <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t(kind === "customers" ? "form.anyAdviser" : "form.allAdvisers")} options={advisers.items.map((one) => ({ value: one.member, label: one.name }))} />
        </Form.Item>
      )}
    </>
  );
}

/** A mass message or a post as a draft: nothing goes out. */
export function SendForm({ accounts, send, onDone }: { accounts: readonly MassAccount[]; send?: MassSend; onDone: (id: string) => void }) {
  const { t } = useTranslation("sending");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const first = draftOf(accounts, send);
  const { kind, account_id: account } = useDraft(form, first);
  const save = useMutation({
    mutationFn: ({ attachments: given, account_id, kind: what, ...draft }: Draft) => {
      const attachments = filled(given);
      return send ? api.patch<MassSend>(`/mass-sends/${send.id}`, { ...draft, attachments }) : api.post<MassSend>("/mass-sends", { ...draft, attachments, account_id, kind: what });
    },
    onSuccess: (made) => (void queryClient.invalidateQueries({ queryKey: ["/mass-sends"] }), told.done(t("shared:state.saved")), onDone(made.id)),
  });
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" initialValues={first} onFinish={(draft) => save.mutate({ ...first, ...draft })}>
      {!send && accounts.length > 1 ? (
        <Form.Item name="account_id" label={t("form.account")}>
          <Select options={accounts.map((one) => ({ value: one.account_id, label: one.name }))} />
        </Form.Item>
      ) : null}
      {send ? null : (
        <Form.Item name="kind" label={t("form.kind")} required>
          <Radio.Group optionType="button" options={(["customers", "groups", "moments"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))} />
        </Form.Item>
      )}
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="body" label={t("form.body")} extra={t(`form.bodyHint.${kind}`)}>
        <Input.TextArea rows={5} maxLength={kind === "moments" ? 2000 : 4000} />
      </Form.Item>
      <Form.Item name="attachments" label={t("media:label")} extra={t(kind === "moments" ? "form.postHint" : "media:hint", { n: 9 })}>
        <AttachmentsField {...(kind === "moments" ? { kinds: POSTS } : {})} />
      </Form.Item>
      <Whom kind={kind} account={account} />
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
