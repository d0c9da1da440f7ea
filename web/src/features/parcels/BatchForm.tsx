import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, DatePicker, Form, Input, InputNumber, Radio, Select, Space } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { useSourceName } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Account, Batch, Code, Platform } from "./types";

interface Draft {
  account_id: string;
  kind: Batch["kind"];
  source?: string | null;
  count?: number;
  name: string;
  words?: string;
  live_code_id: string;
  routes?: { cities: string[]; live_code_id: string }[];
  coupon_template_id?: string | null;
  binding: Batch["binding"];
  expires_at?: Dayjs | null;
}

/** What the platform says of leading its buyers away: said before anything is printed. */
function Warning({ source, kinds }: { source: string | null | undefined; kinds: ReadonlyMap<string, string> }) {
  const { t } = useTranslation("parcels");
  const say = useSay();
  const rules = usePages<Platform>("/parcel-platforms", {}, 1000);
  const rule = rules.items.find((one) => one.connector === (kinds.get(source ?? "") ?? source));
  if (!rule) return source ? <Alert type="warning" showIcon style={{ marginBottom: 16 }} title={t("platform.unknown")} /> : null;
  return <Alert type={rule.stance === "forbidden" ? "error" : rule.stance === "own" ? "info" : "warning"} showIcon style={{ marginBottom: 16 }} title={t(`stance.${rule.stance}`)} description={`${say(rule.text)} ${t(rule.verified ? "platform.source" : "platform.unverified", { origin: rule.origin })}`} />;
}

function Routes({ codes }: { codes: readonly Code[] }) {
  const { t } = useTranslation("parcels");
  return (
    <Form.List name="routes">
      {(fields, { add, remove }) => (
        <fieldset style={{ border: 0, padding: 0, margin: "0 0 16px" }}>
          <legend>{t("form.routes")}</legend>
          {fields.map((field) => (
            <Space key={field.key} align="start" style={{ display: "flex", marginBottom: 8 }}>
              <Form.Item name={[field.name, "cities"]} noStyle rules={[{ required: true, message: t("form.needed") }]}>
                <Select mode="tags" placeholder={t("form.cities")} aria-label={t("form.cities")} style={{ width: 240 }} />
              </Form.Item>
              <Form.Item name={[field.name, "live_code_id"]} noStyle rules={[{ required: true, message: t("form.needed") }]}>
                <Select placeholder={t("form.code")} aria-label={t("form.code")} style={{ width: 220 }} options={codes.map((one) => ({ value: one.id, label: one.name }))} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("shared:action.remove")} onClick={() => remove(field.name)} />
            </Space>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => add({ cities: [] })}>
            {t("form.addRoute")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

/** Where cards lead, what they give, and what they are taken for. */
export function BatchForm({ batch, onDone }: { batch: Batch | null; onDone: (made: Batch) => void }) {
  const { t } = useTranslation("parcels");
  const told = useTold();
  const sourceName = useSourceName();
  const [form] = Form.useForm<Draft>();
  const kind = Form.useWatch<Batch["kind"] | undefined>("kind", form) ?? batch?.kind ?? "card";
  const source = Form.useWatch<string | null | undefined>("source", form) ?? batch?.source;
  const accounts = usePages<Account>("/contact-accounts");
  const shops = usePages<Schemas["AccountLine"]>("/connector-accounts", {}, 200);
  const codes = usePages<Code>("/live-codes", {}, 200);
  const coupons = usePages<Schemas["CouponTemplate"]>("/coupon-templates", {}, 200);
  const kinds = new Map(shops.items.map((one) => [one.source, one.connector]));
  const save = useMutation({
    mutationFn: ({ account_id, kind: made, source: shop, count, expires_at, ...draft }: Draft) => {
      const body = { ...draft, words: draft.words ?? "", routes: draft.routes ?? [], coupon_template_id: draft.coupon_template_id ?? null, expires_at: expires_at?.toISOString() ?? null };
      return batch ? api.put<Batch>(`/parcel-batches/${batch.id}`, body) : api.post<Batch>("/parcel-batches", { ...body, account_id, kind: made, source: shop ?? null, count: made === "card" ? (count ?? 0) : 0 });
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["/parcel-batches"] });
      told.done(t("shared:state.saved"));
      onDone(made);
    },
    onError: told.failed,
  });
  const needed = [{ required: true, message: t("form.needed") }];
  const start = batch ? { ...batch, expires_at: batch.expires_at ? dayjs(batch.expires_at) : null } : { kind: "card", binding: "ask", count: 500, routes: [] };
  return (
    <Form<Draft> form={form} layout="vertical" initialValues={start} onFinish={(draft) => save.mutate(draft)}>
      {batch ? null : (
        <>
          <Form.Item name="kind" label={t("form.kind")}>
            <Radio.Group options={(["card", "order"] as const).map((one) => ({ value: one, label: t(`kind.${one}`) }))} />
          </Form.Item>
          <Form.Item name="account_id" label={t("form.account")} rules={needed}>
            <Select options={accounts.items.map((one) => ({ value: one.id, label: one.name }))} />
          </Form.Item>
          <Form.Item name="source" label={t("form.source")} rules={needed}>
            <Select options={shops.items.filter((one) => one.connector !== "wecom").map((one) => ({ value: one.source, label: one.name === "" ? sourceName(one.source) : one.name }))} />
          </Form.Item>
          {kind === "card" ? (
            <Form.Item name="count" label={t("form.count")}>
              <InputNumber min={1} max={50000} />
            </Form.Item>
          ) : null}
        </>
      )}
      <Warning source={source} kinds={kinds} />
      <Form.Item name="name" label={t("form.name")} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="words" label={t("form.words")}>
        <Input maxLength={200} placeholder={t("form.wordsHint")} />
      </Form.Item>
      <Form.Item name="live_code_id" label={t("form.mainCode")} extra={t("form.mainCodeHint")} rules={needed}>
        <Select options={codes.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Routes codes={codes.items} />
      <Form.Item name="coupon_template_id" label={t("form.coupon")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={coupons.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="binding" label={t("form.binding")} extra={t("form.bindingHint")}>
        <Radio.Group options={(["none", "ask", "join"] as const).map((one) => ({ value: one, label: t(`binding.${one}`) }))} />
      </Form.Item>
      <Form.Item name="expires_at" label={t("form.expires")}>
        <DatePicker />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
