import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, Form, Input, InputNumber, Radio } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { api, queryClient } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { dayEnd, useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { CouponKind } from "./types";

interface Draft {
  name: string;
  kind: CouponKind;
  value: string;
  threshold: string;
  gift: string;
  validity: "days" | "until";
  valid_days: number;
  valid_until: string;
  per_customer_limit: number | null;
  quota: number | null;
}

const START: Draft = { name: "", kind: "amount", value: "10", threshold: "0", gift: "", validity: "days", valid_days: 30, valid_until: "", per_customer_limit: 1, quota: 1000 };

/** What the server takes: only the parts that the kind has. */
function toBody(draft: Draft, zone: string) {
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    value: draft.kind === "gift" ? "0" : draft.value,
    threshold: draft.threshold,
    gift: draft.kind === "gift" ? draft.gift.trim() : null,
    valid_days: draft.validity === "days" ? draft.valid_days : null,
    valid_until: draft.validity === "until" && draft.valid_until ? dayEnd(draft.valid_until, zone) : null,
    per_customer_limit: draft.per_customer_limit,
    quota: draft.quota,
  };
}

/** Days are held as text, as the server takes them. */
const asDay = {
  getValueProps: (text: string) => ({ value: text ? dayjs(text) : null }),
  getValueFromEvent: (day: Dayjs | null) => day?.format("YYYY-MM-DD") ?? "",
};

function BenefitFields({ kind }: { kind: CouponKind }) {
  const { t } = useTranslation("marketing");
  return (
    <>
      {kind === "gift" ? (
        <Form.Item name="gift" label={t("form.gift")} required>
          <Input maxLength={100} />
        </Form.Item>
      ) : (
        <Form.Item name="value" label={kind === "percent" ? t("form.percentValue") : t("form.value")} required normalize={(value: string | null) => value ?? "0"}>
          <InputNumber<string> stringMode min="0.01" {...(kind === "percent" ? { max: "100" } : {})} precision={2} prefix={kind === "amount" ? "¥" : undefined} suffix={kind === "percent" ? "%" : undefined} style={{ width: 200 }} />
        </Form.Item>
      )}
      <Form.Item name="threshold" label={t("form.threshold")} normalize={(value: string | null) => value ?? "0"}>
        <InputNumber<string> stringMode min="0" precision={2} prefix="¥" style={{ width: 200 }} />
      </Form.Item>
    </>
  );
}

function ValidityFields({ validity }: { validity: Draft["validity"] }) {
  const { t } = useTranslation("marketing");
  const now = dayjs(useBusinessNow());
  const options = [
    { value: "days", label: t("form.validDays") },
    { value: "until", label: t("form.validUntil") },
  ];
  return (
    <Form.Item label={t("form.validity")} required>
      <Form.Item name="validity" noStyle>
        <Radio.Group aria-label={t("form.validity")} style={{ marginBottom: 8 }} options={options} />
      </Form.Item>
      {validity === "days" ? (
        <Form.Item name="valid_days" noStyle normalize={(value: number | null) => value ?? 1}>
          <InputNumber aria-label={t("form.validDays")} min={1} max={3660} precision={0} suffix={t("form.days")} style={{ width: 200 }} />
        </Form.Item>
      ) : (
        <Form.Item name="valid_until" noStyle {...asDay}>
          <DatePicker aria-label={t("form.validUntil")} style={{ width: 200 }} defaultPickerValue={now} disabledDate={(day) => day.isBefore(now, "day")} />
        </Form.Item>
      )}
    </Form.Item>
  );
}

export function CouponForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("marketing");
  const { zone } = useMe().tenant;
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const draft = useDraft(form, START);
  const save = useMutation({
    mutationFn: () => api.post("/coupon-templates", toBody(draft, zone)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/coupon-templates"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.refused(form),
  });
  const ready = draft.name.trim() !== "" && (draft.kind !== "gift" || draft.gift.trim() !== "") && (draft.validity === "days" || draft.valid_until !== "");
  return (
    <Form<Draft> form={form} name="coupon" layout="vertical" initialValues={START} onFinish={() => save.mutate()}>
      <Form.Item name="name" label={t("form.name")} required>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="kind" label={t("kind.label")}>
        <Radio.Group aria-label={t("kind.label")} optionType="button" options={(["amount", "percent", "gift"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
      </Form.Item>
      <BenefitFields kind={draft.kind} />
      <ValidityFields validity={draft.validity} />
      <Form.Item name="per_customer_limit" label={t("form.perCustomer")}>
        <InputNumber min={1} max={1000} precision={0} suffix={t("form.perCustomerUnit")} style={{ width: 200 }} />
      </Form.Item>
      <Form.Item name="quota" label={t("form.quota")} extra={t("form.quotaHint")}>
        <InputNumber min={1} precision={0} suffix={t("form.perCustomerUnit")} style={{ width: 200 }} />
      </Form.Item>
      <Button type="primary" htmlType="submit" disabled={!ready} loading={save.isPending}>
        {t("form.save")}
      </Button>
    </Form>
  );
}
