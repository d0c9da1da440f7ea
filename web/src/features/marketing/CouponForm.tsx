import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, Form, Input, InputNumber, Radio } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
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

interface PartProps {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
}

function BenefitFields({ draft, change }: PartProps) {
  const { t } = useTranslation("marketing");
  return (
    <>
      {draft.kind === "gift" ? (
        <Form.Item label={t("form.gift")} htmlFor="coupon-gift" required>
          <Input id="coupon-gift" maxLength={100} value={draft.gift} onChange={(event) => change({ gift: event.target.value })} />
        </Form.Item>
      ) : (
        <Form.Item label={draft.kind === "percent" ? t("form.percentValue") : t("form.value")} htmlFor="coupon-value" required>
          <InputNumber<string> id="coupon-value" stringMode min="0.01" {...(draft.kind === "percent" ? { max: "100" } : {})} precision={2} prefix={draft.kind === "amount" ? "¥" : undefined} suffix={draft.kind === "percent" ? "%" : undefined} style={{ width: 200 }} value={draft.value} onChange={(value) => change({ value: value ?? "0" })} />
        </Form.Item>
      )}
      <Form.Item label={t("form.threshold")} htmlFor="coupon-threshold">
        <InputNumber<string> id="coupon-threshold" stringMode min="0" precision={2} prefix="¥" style={{ width: 200 }} value={draft.threshold} onChange={(value) => change({ threshold: value ?? "0" })} />
      </Form.Item>
    </>
  );
}

function ValidityFields({ draft, change }: PartProps) {
  const { t } = useTranslation("marketing");
  const now = dayjs(useBusinessNow());
  return (
    <Form.Item label={t("form.validity")} required>
      <Radio.Group
        aria-label={t("form.validity")}
        style={{ marginBottom: 8 }}
        value={draft.validity}
        options={[
          { value: "days", label: t("form.validDays") },
          { value: "until", label: t("form.validUntil") },
        ]}
        onChange={(event) => change({ validity: event.target.value as Draft["validity"] })}
      />
      {draft.validity === "days" ? (
        <InputNumber aria-label={t("form.validDays")} min={1} max={3660} precision={0} suffix={t("form.days")} style={{ width: 200 }} value={draft.valid_days} onChange={(value) => change({ valid_days: value ?? 1 })} />
      ) : (
        <DatePicker aria-label={t("form.validUntil")} style={{ width: 200 }} defaultPickerValue={now} disabledDate={(day) => day.isBefore(now, "day")} value={draft.valid_until ? dayjs(draft.valid_until) : null} onChange={(day) => change({ valid_until: day?.format("YYYY-MM-DD") ?? "" })} />
      )}
    </Form.Item>
  );
}

export function CouponForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("marketing");
  const { zone } = useMe().tenant;
  const told = useTold();
  const [draft, setDraft] = useState(START);
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: () => api.post("/coupon-templates", toBody(draft, zone)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/coupon-templates"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  const ready = draft.name.trim() !== "" && (draft.kind !== "gift" || draft.gift.trim() !== "") && (draft.validity === "days" || draft.valid_until !== "");
  return (
    <Form layout="vertical" onFinish={() => save.mutate()}>
      <Form.Item label={t("form.name")} htmlFor="coupon-name" required>
        <Input id="coupon-name" maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
      </Form.Item>
      <Form.Item label={t("kind.label")}>
        <Radio.Group aria-label={t("kind.label")} optionType="button" value={draft.kind} options={(["amount", "percent", "gift"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} onChange={(event) => change({ kind: event.target.value as CouponKind })} />
      </Form.Item>
      <BenefitFields draft={draft} change={change} />
      <ValidityFields draft={draft} change={change} />
      <Form.Item label={t("form.perCustomer")} htmlFor="coupon-limit">
        <InputNumber id="coupon-limit" min={1} max={1000} precision={0} suffix={t("form.perCustomerUnit")} style={{ width: 200 }} value={draft.per_customer_limit} onChange={(value) => change({ per_customer_limit: value })} />
      </Form.Item>
      <Form.Item label={t("form.quota")} htmlFor="coupon-quota" extra={t("form.quotaHint")}>
        <InputNumber id="coupon-quota" min={1} precision={0} suffix={t("form.perCustomerUnit")} style={{ width: 200 }} value={draft.quota} onChange={(value) => change({ quota: value })} />
      </Form.Item>
      <Button type="primary" htmlType="submit" disabled={!ready} loading={save.isPending}>
        {t("form.save")}
      </Button>
    </Form>
  );
}
