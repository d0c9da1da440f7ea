import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, InputNumber, Switch } from "antd";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { HoursField } from "@/shared/chat";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import type { Account } from "./types";

function One({ account, onDone }: { account: Account; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const save = useMutation({
    mutationFn: (draft: object) => api.patch(`/archive/accounts/${account.account_id}`, draft),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/archive/accounts"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  const problem = typeof account.problem?.told === "string" ? account.problem.told : "";
  return (
    <Form layout="vertical" requiredMark="optional" initialValues={{ ...account, active: account.active ?? false }} onFinish={(draft: object) => save.mutate(draft)}>
      <h3>{account.account}</h3>
      {problem ? <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={t("settings.problem")} description={problem} /> : null}
      <p className="t-faint">
        {t("settings.state", { messages: account.messages, withheld: account.withheld, unread: account.unread })} {account.pulled_at ? <Time value={account.pulled_at} clock="machine" /> : null}
      </p>
      {account.broken > 0 ? <Broken account={account.account_id} /> : null}
      <Form.Item name="active" label={t("settings.active")} extra={t("settings.activeHint")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="hours" label={t("settings.hours")} required>
        <HoursField />
      </Form.Item>
      <Form.Item name="alarm_minutes" label={t("settings.alarm")} required>
        <InputNumber min={1} max={1440} precision={0} />
      </Form.Item>
      <Form.Item name="sample_n" label={t("settings.sample")} required>
        <InputNumber min={0} max={50} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** Messages over which the platform's library broke: why, and a way to try each again. */
function Broken({ account }: { account: string }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const path = `/archive/accounts/${account}/broken`;
  const rows = usePages<Schemas["BrokenMessageOut"]>(path, {}, 500);
  const again = useMutation({ mutationFn: (seq: number) => api.post(`${path}/${seq}/retry`), onSuccess: () => void queryClient.invalidateQueries({ queryKey: [path] }), onError: told.failed });
  return (
    <Alert
      type="warning"
      style={{ marginBottom: 12 }}
      title={t("settings.broken")}
      description={
        <ul style={{ margin: 0, paddingInlineStart: 16 }}>
          {rows.items.map((one) => (
            <li key={one.seq}>
              <Time value={one.broke_at} clock="machine" /> · {t(`settings.brokenState.${one.state}`)} · {one.why}{" "}
              {one.state === "aside" ? (
                <Button size="small" type="link" loading={again.isPending && again.variables === one.seq} onClick={() => again.mutate(one.seq)}>
                  {t("settings.brokenRetry")}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      }
    />
  );
}

/** How archives are read, account by account. */
export function Settings({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("archive");
  const rows = usePages<Account>("/archive/accounts", {}, 100);
  const none = <EmptyState title={t("settings.none")} hint={t("settings.noneHint")} />;
  return <Loaded query={rows}>{() => (rows.items.length === 0 ? none : rows.items.map((one) => <One key={one.account_id} account={one} onDone={onDone} />))}</Loaded>;
}
