import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, InputNumber, Select } from "antd";
import { api, asApiError, queryClient } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { MassAccount } from "./types";

const QUOTAS = ["month_days", "per_month", "per_week", "per_day"] as const;

/** What the platform allows, as it says itself: it changes, so it is kept as data. */
export function AccountForm({ account, onDone }: { account: MassAccount; onDone: () => void }) {
  const { t } = useTranslation("sending");
  const told = useTold();
  const [form] = Form.useForm<MassAccount>();
  const quota = useDraft(form, account).quota;
  const save = useMutation({
    mutationFn: (given: Partial<MassAccount>) => api.patch(`/mass-accounts/${account.account_id}`, given),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/mass-accounts"] }), told.done(t("shared:state.saved")), onDone()),
  });
  return (
    <Form<MassAccount> form={form} layout="vertical" initialValues={account} onFinish={(given) => save.mutate(given)}>
      <Form.Item name="quota" label={t("account.quota")} extra={t("account.quotaHint")}>
        <Select options={QUOTAS.map((value) => ({ value, label: t(`account.${value}`) }))} />
      </Form.Item>
      {quota === "month_days" ? null : (
        <Form.Item name="quota_n" label={t("account.n")}>
          <InputNumber min={0} max={1000} precision={0} />
        </Form.Item>
      )}
      <Form.Item name="task_max" label={t("account.taskMax")}>
        <InputNumber min={1} max={100_000} precision={0} />
      </Form.Item>
      <Form.Item name="reminders_max" label={t("account.remindersMax")}>
        <InputNumber min={0} max={100} precision={0} />
      </Form.Item>
      <Form.Item name="keep_days" label={t("account.keepDays")} extra={t("account.keepDaysHint")}>
        <InputNumber min={1} max={365} precision={0} />
      </Form.Item>
      {save.error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={asApiError(save.error).sentence} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
