import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Switch } from "antd";
import { api, asApiError, queryClient } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { AttachmentsField, filled, type Attachment } from "@/shared/media";
import { useTold } from "@/shared/states";
import type { GroupAccount, GroupWelcome } from "./types";

interface Draft {
  name: string;
  body: string;
  attachments: Attachment[];
  notify: boolean;
}

function draftOf(one?: GroupWelcome): Draft {
  return { name: one?.name ?? "", body: one?.body ?? "", attachments: one?.attachment ? [one.attachment] : [], notify: one?.notify ?? true };
}

/** Words for newcomers of groups, with a link where one is wanted. */
export function WelcomeForm({ account, welcome, onDone }: { account?: GroupAccount; welcome?: GroupWelcome; onDone: () => void }) {
  const { t } = useTranslation("groups");
  const say = useSay();
  const told = useTold();
  const save = useMutation({
    mutationFn: ({ attachments, ...draft }: Draft) => {
      const attachment = filled(attachments)[0] ?? null;
      return welcome ? api.put(`/group-welcomes/${welcome.id}`, { ...draft, attachment }) : api.post("/group-welcomes", { ...draft, attachment, account_id: account?.account_id });
    },
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/group-welcomes"] }), told.done(t("shared:state.saved")), onDone()),
  });
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> layout="vertical" requiredMark="optional" initialValues={draftOf(welcome)} onFinish={(draft) => save.mutate(draft)}>
      <Form.Item name="name" label={t("form.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="body" label={t("welcome.body")} extra={t("welcome.bodyHint")}>
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
      <Form.Item name="attachments" label={t("media:label")} extra={t("media:hint", { n: 1 })}>
        <AttachmentsField most={1} />
      </Form.Item>
      <Form.Item name="notify" label={t("welcome.notify")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
