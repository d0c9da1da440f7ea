import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Segmented, Select } from "antd";
import { usePages, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { AttachmentsField } from "@/shared/media";
import styles from "./Playbook.module.css";
import { after, type StepDraft, type StepKind } from "./types";

const KINDS: readonly StepKind[] = ["message", "coupon", "task"];

function Coupon({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation("playbook");
  const coupons = usePages<Schemas["CouponTemplate"]>("/coupon-templates", {}, 200);
  return <Select aria-label={t("form.coupon")} className={styles.wide} showSearch={{ optionFilterProp: "label" }} placeholder={t("form.coupon")} value={value} onChange={onChange} options={coupons.items.map((one) => ({ value: one.id, label: one.name }))} />;
}

function One({ step, put, drop, number }: { step: StepDraft; put: (step: StepDraft) => void; drop: () => void; number: number }) {
  const { t } = useTranslation("playbook");
  const asKind = (kind: StepKind) => put({ ...step, kind, coupon_id: kind === "coupon" ? step.coupon_id : null, attachments: kind === "task" ? [] : step.attachments });
  return (
    <fieldset className={styles.step}>
      <legend className="t-hidden">{t("form.stepN", { n: number })}</legend>
      <div className={styles.when}>
        <span>{t("form.dayBefore")}</span>
        <InputNumber aria-label={t("form.day")} min={1} max={60} value={step.day} onChange={(day) => put({ ...step, day: day ?? 1 })} />
        <span>{t("form.dayAfter")}</span>
        <Input aria-label={t("form.at")} type="time" className={styles.time} value={step.at} onChange={(event) => put({ ...step, at: event.target.value })} />
        <Segmented aria-label={t("form.kind")} value={step.kind} onChange={asKind} options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
        <Button type="text" icon={<DeleteOutlined />} aria-label={t("form.dropStep", { n: number })} onClick={drop} className={styles.drop} />
      </div>
      <Input aria-label={t("form.title")} placeholder={t("form.title")} maxLength={100} value={step.title} onChange={(event) => put({ ...step, title: event.target.value })} />
      {step.kind === "coupon" ? <Coupon value={step.coupon_id} onChange={(coupon_id) => put({ ...step, coupon_id })} /> : null}
      <Input.TextArea aria-label={t("form.body")} placeholder={t(`form.bodyOf.${step.kind}`)} rows={3} maxLength={4000} value={step.body} onChange={(event) => put({ ...step, body: event.target.value })} />
      {step.kind === "task" ? null : <AttachmentsField value={step.attachments} onChange={(attachments) => put({ ...step, attachments })} />}
    </fieldset>
  );
}

/** The steps of a plan, each with its day, its time and what happens. */
export function StepsField({ value = [], onChange }: { value?: readonly StepDraft[]; onChange?: (steps: StepDraft[]) => void }) {
  const { t } = useTranslation("playbook");
  return (
    <div className={styles.steps}>
      {value.map((step, at) => (
        <One key={at} number={at + 1} step={step} put={(next) => onChange?.(value.map((old, index) => (index === at ? next : old)))} drop={() => onChange?.(value.filter((_, index) => index !== at))} />
      ))}
      <Button icon={<PlusOutlined />} onClick={() => onChange?.([...value, after(value)])}>
        {t("form.addStep")}
      </Button>
    </div>
  );
}
