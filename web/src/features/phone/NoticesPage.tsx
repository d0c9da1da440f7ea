import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Switch, TimePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { Link } from "react-router";
import { api, queryClient, type Schemas } from "@/shared/api";
import { MachineTimeHint } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { Waiting } from "./Waiting";

type Choices = Schemas["NoticeSettingsOut"];

interface Values {
  kinds: string[];
  quiet: boolean;
  hours: [Dayjs, Dayjs];
}

const CLOCK = "HH:mm";
const at = (text: string | null, otherwise: string) => dayjs(`2000-01-01T${text ?? otherwise}`);

function ChoicesForm({ now }: { now: Choices }) {
  const { t } = useTranslation("phone");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const quiet = Form.useWatch<boolean | undefined>("quiet", form) ?? now.quiet_from !== null;
  const save = useMutation({
    mutationFn: ({ kinds, quiet: has, hours }: Values) => api.put<Choices>("/notice-settings", { kinds_off: now.kinds.map((one) => one.kind).filter((one) => !kinds.includes(one)), quiet_from: has ? hours[0].format(CLOCK) : null, quiet_until: has ? hours[1].format(CLOCK) : null }),
    onSuccess: (saved) => (queryClient.setQueryData(["/notice-settings"], saved), told.done(t("shared:state.saved"))),
    onError: told.refused(form),
  });
  return (
    <Form<Values> form={form} name="notices" layout="vertical" initialValues={{ kinds: now.kinds.filter((one) => one.on).map((one) => one.kind), quiet: now.quiet_from !== null, hours: [at(now.quiet_from, "22:00"), at(now.quiet_until, "08:00")] }} onFinish={(values) => save.mutate({ ...values, hours: form.getFieldValue("hours") as Values["hours"] })}>
      <Form.Item name="kinds" label={t("kinds")} extra={t("kindsHint")}>
        <Checkbox.Group options={now.kinds.map((one) => ({ value: one.kind, label: say(one.label) }))} />
      </Form.Item>
      <Form.Item name="quiet" label={t("quiet")} valuePropName="checked" extra={t("quietHint")}>
        <Switch />
      </Form.Item>
      <Form.Item name="hours" label={t("hours")} hidden={!quiet}>
        <TimePicker.RangePicker order={false} allowClear={false} format={CLOCK} minuteStep={5} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>{t("shared:action.save")}</Button>
    </Form>
  );
}

/** One's own notices: what waits, and how one wants to be told on the phone. */
export function NoticesPage() {
  const { t } = useTranslation("phone");
  const may = useCan()("user.read");
  const found = useQuery({ queryKey: ["/notice-settings"], queryFn: ({ signal }) => api.get<Choices>("/notice-settings", undefined, signal) });
  return (
    <Page title={t("settingsTitle")} lead={<>{t("settingsLead")}<MachineTimeHint /></>}>
      <Loaded query={found} rows={4}>
        {(now) => (
          <>
            {now.reached ? null : <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t("notReached")} description={may ? <Link to="/settings/people/directory">{t("directory")}</Link> : null} />}
            <Section title={t("howTold")}>
              <ChoicesForm now={now} />
            </Section>
            <div style={{ height: 12 }} />
            <Section title={t("waiting")}>
              <Waiting below to={(id) => `/notices/${id}`} />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}
