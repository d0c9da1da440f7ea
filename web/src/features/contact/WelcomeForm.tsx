import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select, Space, Switch } from "antd";
import { api, asApiError, queryClient, usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { AttachmentsField, filled } from "@/shared/media";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { toBody } from "./useWelcomeColumns";
import type { Adviser, LiveCode, Welcome } from "./types";

type Draft = ReturnType<typeof toBody>;

const START = { name: "", body: "", active: true, attachments: [], live_codes: [], channels: [], members: [], tags: [], days: [], from_time: null, until_time: null };
const WEEK = [1, 2, 3, 4, 5, 6, 7];
const emptyIsNone = (event: { target: { value: string } }) => event.target.value || null;

function Words() {
  const { t } = useTranslation("contact");
  const form = Form.useFormInstance<Draft>();
  const put = (name: string) => form.setFieldValue("body", `${(form.getFieldValue("body") as string | undefined) ?? ""}{{${name}}}`);
  return (
    <>
      <Form.Item name="body" label={t("welcomes.body")} rules={[{ required: true, message: t("welcomes.bodyNeeded") }]} style={{ marginBottom: 4 }}>
        <Input.TextArea rows={5} maxLength={4000} placeholder={t("welcomes.bodyExample")} />
      </Form.Item>
      <Space style={{ marginBottom: 16 }}>
        <Button size="small" onClick={() => put(t("welcomes.customerName"))}>
          {t("welcomes.putCustomer")}
        </Button>
        <Button size="small" onClick={() => put(t("welcomes.adviserName"))}>
          {t("welcomes.putAdviser")}
        </Button>
      </Space>
    </>
  );
}

function Whom() {
  const { t } = useTranslation("contact");
  const codes = usePages<LiveCode>("/live-codes", {}, 200);
  const advisers = usePages<Adviser>("/advisers", {}, 1000);
  const channels = [...new Set(codes.items.map((one) => one.channel).filter(Boolean))];
  return (
    <>
      <Form.Item name="live_codes" label={t("welcomes.liveCodes")}>
        <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t("welcomes.any")} options={codes.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="channels" label={t("codes.channel")}>
        <Select mode="tags" placeholder={t("welcomes.any")} options={channels.map((one) => ({ value: one, label: one }))} />
      </Form.Item>
      <Form.Item name="members" label={t("form.seats")}>
        <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t("welcomes.any")} options={advisers.items.map((one) => ({ value: one.member, label: one.name }))} />
      </Form.Item>
      <Form.Item name="tags" label={t("welcomes.tags")} extra={t("welcomes.tagsHint")}>
        <Select mode="tags" open={false} suffix={null} placeholder={t("welcomes.any")} />
      </Form.Item>
      <Form.Item name="days" label={t("seats.hours")}>
        <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} placeholder={t("welcomes.everyDay")} options={WEEK.map((day) => ({ value: day, label: t(`day.${day}`) }))} />
      </Form.Item>
      <Space>
        <Form.Item name="from_time" label={t("welcomes.from")} getValueFromEvent={emptyIsNone}>
          <Input type="time" />
        </Form.Item>
        <Form.Item name="until_time" label={t("welcomes.until")} getValueFromEvent={emptyIsNone}>
          <Input type="time" />
        </Form.Item>
      </Space>
    </>
  );
}

/** A welcome: the words, and for whom they are. */
export function WelcomeForm({ welcome, onDone }: { welcome: Welcome | null; onDone: () => void }) {
  const { t } = useTranslation("contact");
  const say = useSay();
  const told = useTold();
  const may = useCan()("contact.write");
  const [form] = Form.useForm<Draft>();
  const first = welcome ? toBody(welcome) : START;
  const save = useMutation({
    mutationFn: (given: Partial<Draft>) => {
      const draft = { ...first, ...given, attachments: filled(given.attachments ?? first.attachments) };
      return welcome ? api.put(`/welcome-messages/${welcome.id}`, draft) : api.post("/welcome-messages", draft);
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/welcome-messages"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
  });
  const error = save.error ? asApiError(save.error) : null;
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" disabled={!may} initialValues={first} onFinish={(draft) => save.mutate(draft)}>
      <Form.Item name="name" label={t("welcomes.name")} rules={[{ required: true, message: t("form.nameNeeded") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Words />
      <Form.Item name="attachments" label={t("media:label")} extra={t("media:hint", { n: 9 })}>
        <AttachmentsField disabled={!may} />
      </Form.Item>
      <Whom />
      <Form.Item name="active" label={t("welcomes.active")} valuePropName="checked">
        <Switch />
      </Form.Item>
      {error ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(t("semicolon"))} /> : null}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
