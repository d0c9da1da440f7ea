import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { ChooseFriends } from "./ChooseFriends";
import type { Adviser } from "./types";

interface Draft {
  giver: string;
  taker: string;
  groups: boolean;
  message: string;
}

/** From whom to whom, with or without groups, and what customers of one who still serves are told. */
export function HandOverForm({ advisers, giver, onDone }: { advisers: readonly Adviser[]; giver: Adviser | null; onDone: () => void }) {
  const { t } = useTranslation("handover");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const key = (one: Adviser) => `${one.account_id}/${one.member}`;
  const first: Draft = { giver: giver ? key(giver) : "", taker: "", groups: true, message: "" };
  const draft = useDraft(form, first);
  const from = advisers.find((one) => key(one) === draft.giver);
  const [chosen, setChosen] = useState<{ of: string; picked: ReadonlySet<string> | null }>({ of: "", picked: null });
  // Who was ticked of another adviser's says nothing of this one's.
  const picked = chosen.of === draft.giver ? chosen.picked : null;
  const takers = advisers.filter((one) => !one.away && one.account_id === from?.account_id && one.member !== from.member);
  const save = useMutation({
    mutationFn: () => api.post("/hand-overs", { account_id: from?.account_id, giver: from?.member, taker: draft.taker, with_groups: draft.groups, message: draft.message, ...(picked ? { customers: [...picked] } : {}) }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/hand-overs"] });
      void queryClient.invalidateQueries({ queryKey: ["/adviser-friends"] });
      told.done(t("begun"));
      onDone();
    },
    onError: told.refused(form),
  });
  return (
    <Form<Draft> form={form} name="hand-over" layout="vertical" initialValues={first} onFinish={() => save.mutate()}>
      <Form.Item name="giver" label={t("giver")} required>
        <Select showSearch={{ optionFilterProp: "label" }} options={advisers.filter((one) => one.friends > 0).map((one) => ({ value: key(one), label: t(one.away ? "giverAway" : "giverHere", { name: one.name, n: one.friends }) }))} />
      </Form.Item>
      {from ? (
        <Form.Item label={t("whom")}>
          <ChooseFriends from={from} picked={picked} onPick={(next) => {
              // Groups go with all of hers; with a few of them only where somebody says so.
              if ((next === null) !== (picked === null)) form.setFieldValue("groups", next === null);
              setChosen({ of: draft.giver, picked: next });
            }} />
        </Form.Item>
      ) : null}
      <Form.Item name="taker" label={t("taker")} required>
        <Select showSearch={{ optionFilterProp: "label" }} disabled={!from} options={takers.map((one) => ({ value: one.member, label: t("takerHas", { name: one.name, n: one.friends }) }))} />
      </Form.Item>
      <Form.Item name="groups" valuePropName="checked">
        <Checkbox>{t("withGroups")}</Checkbox>
      </Form.Item>
      {from && !from.away ? (
        <Form.Item name="message" label={t("message")} extra={t("messageHint")}>
          <Input.TextArea rows={3} maxLength={200} />
        </Form.Item>
      ) : null}
      <Alert type="info" showIcon title={t(from?.away ? "rulesAway" : "rulesHere")} style={{ marginBottom: 16 }} />
      <Button type="primary" htmlType="submit" disabled={!from || !draft.taker || picked?.size === 0} loading={save.isPending}>
        {t("begin")}
      </Button>
    </Form>
  );
}
