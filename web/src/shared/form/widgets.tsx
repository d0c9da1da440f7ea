import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Select, Switch, TimePicker } from "antd";
import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat";
import { useState } from "react";
import { api } from "@/shared/api";
import { say, useLanguage, useTranslation, type Words } from "@/shared/i18n";
import { DateTimeWidget, DateWidget, OptionsWidget, RelationWhereWidget, RelationWidget, several, WeekdaysWidget } from "./choosers";
import { ConditionField } from "./ConditionField";
import { DURATION_UNITS, like, split, toSeconds, type DurationUnit } from "./duration";
import { EventTypeWidget } from "./eventChooser";
import { BlockWidget, CustomerFieldWidget, DivisionsWidget, EventFieldWidget, GeofenceWidget, SecretWidget } from "./placeChoosers";
import type { Schema, Value } from "./schema";
import { TemplateInput } from "./TemplateInput";
import { ThingFieldWidget, ThingStageWidget } from "./thingChoosers";

dayjs.extend(customParseFormat);

export interface WidgetProps {
  schema: Schema;
  optional: boolean;
  value: Value;
  onChange: (value: Value) => void;
  label: string;
  disabled: boolean;
  scope: Record<string, string>;
}

function text(value: Value): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function TextWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  return <Input aria-label={label} disabled={disabled} maxLength={schema.maxLength} value={text(value)} onChange={(event) => onChange(event.target.value)} />;
}

function TextAreaWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  return <Input.TextArea aria-label={label} disabled={disabled} maxLength={schema.maxLength} autoSize={{ minRows: 2, maxRows: 10 }} value={text(value)} onChange={(event) => onChange(event.target.value)} />;
}

function NumberWidget({ schema, optional, value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  const unit = schema["x-ui"]?.unit;
  const limits = { min: schema.minimum ?? schema.exclusiveMinimum, max: schema.maximum };
  return (
    <InputNumber
      aria-label={label}
      disabled={disabled}
      style={{ width: "100%" }}
      suffix={unit ? say(unit, language) : undefined}
      precision={schema.type === "integer" ? 0 : undefined}
      {...(limits.min === undefined ? {} : { min: limits.min })}
      {...(limits.max === undefined ? {} : { max: limits.max })}
      value={typeof value === "number" ? value : null}
      onChange={(next) => onChange(next ?? (optional ? null : (limits.min ?? 0)))}
    />
  );
}

function DecimalWidget({ optional, value, onChange, label, disabled }: WidgetProps) {
  return <InputNumber<string> stringMode aria-label={label} disabled={disabled} style={{ width: "100%" }} value={text(value) || null} onChange={(next) => onChange(next ?? (optional ? null : "0"))} />;
}

function SwitchWidget({ value, onChange, label, disabled }: WidgetProps) {
  return <Switch aria-label={label} disabled={disabled} style={{ alignSelf: "flex-start" }} checked={value === true} onChange={onChange} />;
}

function EnumWidget({ schema, optional, value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  const named = schema["x-ui"]?.options ?? [];
  const values = schema.enum ?? named.map((one) => one.value);
  const options = values.map((one) => {
    const words = named.find((option) => option.value === one)?.label;
    return { value: String(one), label: words ? say(words, language) : String(one) };
  });
  return <Select aria-label={label} disabled={disabled} allowClear={optional} style={{ width: "100%" }} value={text(value) || null} options={options} onChange={(next: string | undefined) => onChange(next ?? null)} />;
}

interface Span {
  amount: string | number;
  unit: string;
}

function isSpan(value: Value): value is Span {
  return typeof value === "object" && value !== null && "amount" in value && "unit" in value;
}

/** A length as the server's blocks keep it: `{amount, unit}`, where days and weeks are calendar days. */
function SpanWidget({ optional, value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const span = isSpan(value) ? value : null;
  const unit = span?.unit ?? "days";
  const count = Number(span?.amount ?? 2);
  return (
    <div style={{ display: "flex", gap: 8 }}>
      <InputNumber
        aria-label={label}
        disabled={disabled}
        min={1}
        style={{ flex: 1 }}
        value={span ? Number(span.amount) : null}
        onChange={(next) => onChange(next === null && optional ? null : { amount: String(next ?? 1), unit })}
      />
      <Select<string>
        aria-label={t("time.unitLabel")}
        disabled={disabled || !span}
        style={{ width: 96 }}
        value={unit}
        options={DURATION_UNITS.map((one) => ({ value: one, label: t(`time.unit.${one}`, { count }) }))}
        onChange={(next) => onChange({ amount: String(span?.amount ?? 1), unit: next })}
      />
    </div>
  );
}

function TimeWidget({ value, onChange, label, disabled }: WidgetProps) {
  return <TimePicker aria-label={label} disabled={disabled} allowClear={false} format="HH:mm" style={{ width: "100%" }} value={text(value) ? dayjs(text(value), "HH:mm:ss") : null} onChange={(time) => time && onChange(time.format("HH:mm:ss"))} />;
}

function DurationWidget(props: WidgetProps) {
  return props.schema.properties ? <SpanWidget {...props} /> : <SecondsWidget {...props} />;
}

function SecondsWidget({ value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const now = split(toSeconds(value) ?? 0);
  const [unit, setUnit] = useState<DurationUnit>(now.unit);
  const seconds = toSeconds(value) ?? 0;
  const amount = now.unit === unit ? now.amount : seconds / (toSeconds(`1 ${unit}`) ?? 1);
  const whole = Number.isInteger(amount);
  const shown = whole ? { amount, unit } : now;
  return (
    <div style={{ display: "flex", gap: 8 }}>
      <InputNumber aria-label={label} disabled={disabled} min={0} style={{ flex: 1 }} value={shown.amount} onChange={(next) => onChange(like(value, next ?? 0, shown.unit))} />
      <Select
        aria-label={t("time.unitLabel")}
        disabled={disabled}
        style={{ width: 96 }}
        value={shown.unit}
        options={DURATION_UNITS.map((one) => ({ value: one, label: t(`time.unit.${one}`, { count: shown.amount }) }))}
        onChange={(next) => {
          setUnit(next);
          onChange(like(value, shown.amount, next));
        }}
      />
    </div>
  );
}

function ExpressionWidget({ schema, value, onChange, label, disabled, scope }: WidgetProps) {
  const hints = schema["x-ui"];
  return <ConditionField label={label} value={text(value)} onChange={onChange} scope={hints?.scope ?? scope} returns={hints?.returns ?? "bool"} disabled={disabled} {...(hints?.kept ? { kept: hints.kept } : {})} />;
}

interface Item {
  id?: string;
  account_id?: string;
  name?: string;
  label?: Words | string | null;
  title?: string;
}

/** Picks one of the things kept under `path`; `key` is what the configuration stores. */
function picker(path: string, key: "id" | "name" | "account_id", free = false) {
  return function PickWidget({ optional, value, onChange, label, disabled }: WidgetProps) {
    const { t } = useTranslation("shared");
    const language = useLanguage();
    const query = useQuery({ queryKey: [path, "choices"], queryFn: ({ signal }) => api.get<{ items: Item[] } | Item[]>(path, { limit: 200 }, signal), staleTime: 60_000 });
    const items = Array.isArray(query.data) ? query.data : (query.data?.items ?? []);
    const options = items.map((item) => ({ value: item[key] ?? "", label: item.label ? say(item.label, language) : (item.name ?? item.title ?? "") }));
    const shared = { "aria-label": label, placeholder: t("form.pick"), disabled, loading: query.isPending, showSearch: { optionFilterProp: "label" }, style: { width: "100%" }, options };
    if (free) {
      // A tag may be new: the list takes typed text, and one value is kept.
      return <Select {...shared} mode="tags" value={text(value) ? [text(value)] : []} onChange={(next: string[]) => onChange(next.at(-1) ?? "")} />;
    }
    return <Select {...shared} allowClear={optional} value={text(value) || null} onChange={(next: string | undefined) => onChange(next ?? null)} />;
  };
}

type Widget = (props: WidgetProps) => React.ReactNode;

const byHint: Record<string, Widget> = {
  expression: ExpressionWidget,
  template: TemplateInput,
  template_line: TemplateInput,
  text_area: TextAreaWidget,
  duration: DurationWidget,
  event_type: EventTypeWidget,
  segment: picker("/segments", "id"),
  coupon_template: picker("/coupon-templates", "id"),
  message_template: picker("/message-templates", "id"),
  role: picker("/flow-choices/roles", "id"),
  user: picker("/flow-choices/users", "id"),
  tag: picker("/tags", "name", true),
  attribute: picker("/flow-choices/attributes", "name", true),
  flow: picker("/flows", "id"),
  material: picker("/materials", "id"),
  talk_script: picker("/talk-scripts", "id"),
  chat_topic: picker("/chat-topics", "name", true),
  mass_account: picker("/mass-accounts", "account_id"),
  referral_campaign: picker("/referral-campaigns", "id"),
  store: picker("/stores", "id"),
  stores: several("/stores"),
  group_chats: several("/group-chats"),
  staff_list: several("/flow-choices/users"),
  weekdays: WeekdaysWidget,
  relation: RelationWidget,
  relation_where: RelationWhereWidget,
  datetime: DateTimeWidget,
  message_template_name: picker("/message-templates", "name", true),
  block: BlockWidget,
  thing_stage: ThingStageWidget,
  thing_field: ThingFieldWidget,
  customer_field: CustomerFieldWidget,
  divisions: DivisionsWidget,
  event_field: EventFieldWidget,
  geofence: GeofenceWidget,
  flow_secret: SecretWidget,
};

/** The editor for a single value: by the author's hint, else by the type. */
export function widgetFor(schema: Schema): Widget | null {
  const hinted = schema["x-ui"]?.widget ? byHint[schema["x-ui"].widget] : undefined;
  if (hinted) return hinted;
  if (schema.type === "array" && schema["x-ui"]?.options) return OptionsWidget;
  if (schema.enum ?? schema["x-ui"]?.options) return EnumWidget;
  if (schema.format === "date") return DateWidget;
  if (schema.format === "time") return TimeWidget;
  if (schema.format === "date-time") return DateTimeWidget;
  if (schema.format === "duration") return DurationWidget;
  if (schema.format === "decimal") return DecimalWidget;
  switch (schema.type) {
    case "string":
      return TextWidget;
    case "integer":
    case "number":
      return NumberWidget;
    case "boolean":
      return SwitchWidget;
    default:
      return null;
  }
}
