import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { api, usePages, type Schemas } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Account, Group } from "./types";

interface Draft {
  account: string;
  group: string;
  fresh: string;
  names: string[];
}

const FRESH = "";

/** Have tags of ours made on the platform, in a group there or a new one. */
export function PutTags({ accounts, groups, onDone }: { accounts: readonly Account[]; groups: readonly Group[]; onDone: () => void }) {
  const { t } = useTranslation("tagsync");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const first: Draft = { account: accounts[0]?.id ?? "", group: groups[0]?.id ?? FRESH, fresh: "", names: [] };
  const draft = useDraft(form, first);
  const tags = usePages<Schemas["TagLineOut"]>("/tags", {}, 1000);
  const mine = groups.filter((one) => one.account_id === draft.account);
  const there = new Set(mine.flatMap((one) => one.tags.filter((tag) => tag.status === "there" || tag.status === "wanted").map((tag) => tag.tag)));
  const save = useMutation({
    mutationFn: () => api.post("/platform-tags", { account_id: draft.account, names: draft.names, ...(draft.group === FRESH ? { group_name: draft.fresh } : { group_id: draft.group }) }),
    onSuccess: () => (told.done(t("put.done")), onDone()),
    onError: told.refused(form),
  });
  const ready = draft.names.length > 0 && (draft.group !== FRESH || draft.fresh.trim() !== "");
  return (
    <Form<Draft> form={form} name="put-tags" layout="vertical" initialValues={first} onFinish={() => save.mutate()}>
      {accounts.length > 1 ? (
        <Form.Item name="account" label={t("put.account")}>
          <Select options={accounts.map((one) => ({ value: one.id, label: one.name }))} />
        </Form.Item>
      ) : null}
      <Form.Item name="group" label={t("group")}>
        <Select options={[...mine.map((one) => ({ value: one.id, label: one.name })), { value: FRESH, label: t("put.fresh") }]} />
      </Form.Item>
      {draft.group === FRESH ? (
        <Form.Item name="fresh" label={t("put.freshName")} required>
          <Input maxLength={15} />
        </Form.Item>
      ) : null}
      <Form.Item name="names" label={t("put.names")} extra={t("put.namesHint")} required>
        <Select mode="tags" tokenSeparators={["，", ",", "、"]} options={tags.items.filter((one) => one.kind === "manual" && !there.has(one.name)).map((one) => ({ value: one.name, label: one.label }))} />
      </Form.Item>
      <Button type="primary" htmlType="submit" disabled={!ready} loading={save.isPending}>
        {t("put.save")}
      </Button>
    </Form>
  );
}
