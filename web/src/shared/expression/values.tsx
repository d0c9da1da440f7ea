import { DatePicker, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useSay, useTranslation } from "@/shared/i18n";
import { useBuilder } from "./context";
import { fieldOf, valueCount, valueType, type Row } from "./rows";
import { RegionValue } from "./RegionValue";
import { call, num, type Span, type Tree } from "./tree";
import { useValueChoices } from "./choices";
import styles from "./Builder.module.css";

const UNITS = ["minutes", "hours", "days", "weeks"] as const;

export function literalText(tree: Tree | undefined): string {
  if (!tree) return "";
  if (tree.kind === "text") return tree.value;
  if (tree.kind === "number") return tree.text;
  if (tree.kind === "negative") return `-${literalText(tree.value)}`;
  if (tree.kind === "call") return literalText(tree.args[0]);
  return "";
}

function numberTree(text: string): Tree {
  return text.startsWith("-") ? { kind: "negative", value: num(text.slice(1)) } : num(text);
}

interface OneProps {
  type: string;
  value: Tree | undefined;
  label: string;
  onChange: (value: Tree) => void;
  choices: { value: string; label: string }[] | null;
  unit?: string | undefined;
}

function DayValue({ type, value, label, onChange }: OneProps) {
  const { disabled } = useBuilder();
  const text = literalText(value);
  const exact = type === "timestamp";
  return (
    <DatePicker
      allowClear={false}
      showTime={exact}
      disabled={disabled}
      aria-label={label}
      value={text ? dayjs(text) : null}
      onChange={(day) => {
        if (day) onChange(call(type, { kind: "text", value: exact ? day.format() : day.format("YYYY-MM-DD") }));
      }}
    />
  );
}

export function DurationValue({ value, onChange, label }: { value: Span | undefined; label: string; onChange: (value: Span) => void }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const now = value ?? { amount: "7", unit: "days" };
  const unit = now.unit.endsWith("s") ? now.unit : `${now.unit}s`;
  return (
    <span className={styles.joined}>
      <InputNumber min={0} disabled={disabled} aria-label={label} style={{ width: 72 }} value={Number(now.amount)} onChange={(amount) => onChange({ unit, amount: String(amount ?? 0) })} />
      <Select
        disabled={disabled}
        aria-label={t("window")}
        style={{ width: 88 }}
        value={unit}
        options={UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next) => onChange({ amount: now.amount, unit: next })}
      />
    </span>
  );
}

const COUNTED = new Set(["days", "years", "months", "weeks"]);

/** A number beside its unit; a share stays a share of a hundred. */
function NumberValue({ type, value, label, unit, onChange }: OneProps) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const text = literalText(value);
  const share = text.endsWith("%") ? "%" : "";
  const beside = share || (COUNTED.has(type) ? t(`unit.${type}`) : (unit ?? ""));
  return (
    <span className={styles.joined}>
      <InputNumber<string>
        stringMode
        disabled={disabled}
        aria-label={beside ? `${label} (${beside})` : label}
        style={{ width: 112 }}
        min={COUNTED.has(type) && type !== "days" ? "0" : Number.MIN_SAFE_INTEGER.toString()}
        value={text.replace("%", "")}
        onChange={(next) => onChange(numberTree((next ?? "0") + share))}
      />
      {beside ? <span className="t-faint">{beside}</span> : null}
    </span>
  );
}

function OneValue(props: OneProps) {
  const { type, value, label, onChange, choices } = props;
  const { t } = useTranslation("shared");
  const { disabled } = useBuilder();
  if (type === "number" || COUNTED.has(type)) return <NumberValue {...props} />;
  if (type === "region") return <RegionValue code={literalText(value)} label={label} onChange={(code) => onChange({ kind: "text", value: code })} />;
  if (type === "area") {
    const [kind = "geofence", name = ""] = literalText(value).split(":");
    return <Input disabled={disabled} aria-label={label} className={styles.value ?? ""} placeholder={t("expression:areaName")} value={name} onChange={(event) => onChange({ kind: "text", value: `${kind}:${event.target.value}` })} />;
  }
  if (type === "date" || type === "timestamp") return <DayValue {...props} />;
  if (type === "duration") return <DurationValue value={value?.kind === "duration" ? value : undefined} label={label} onChange={(next) => onChange({ kind: "duration", ...next })} />;
  if (type === "bool") {
    const truth = value?.kind === "bool" && value.value;
    return (
      <Select
        disabled={disabled}
        aria-label={label}
        style={{ width: 88 }}
        value={truth ? "true" : "false"}
        options={[
          { value: "true", label: t("word.yes") },
          { value: "false", label: t("word.no") },
        ]}
        onChange={(next) => onChange({ kind: "bool", value: next === "true" })}
      />
    );
  }
  if (choices) {
    return (
      <Select
        showSearch={{ optionFilterProp: "label" }}
        disabled={disabled}
        aria-label={label}
        placeholder={label}
        className={styles.value ?? ""}
        popupMatchSelectWidth={false}
        value={literalText(value) || null}
        options={choices}
        onChange={(next) => onChange({ kind: "text", value: next })}
      />
    );
  }
  return <Input disabled={disabled} aria-label={label} className={styles.value ?? ""} value={literalText(value)} onChange={(event) => onChange({ kind: "text", value: event.target.value })} />;
}

function ManyValues({ row, type, choices, onChange }: { row: Row; type: string; choices: OneProps["choices"]; onChange: (values: Tree[]) => void }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const toTree = (text: string): Tree | null => {
    if (type !== "number") return { kind: "text", value: text };
    return /^-?\d+(\.\d+)?$/.test(text) ? numberTree(text) : null;
  };
  return (
    <Select
      mode={choices ? "multiple" : "tags"}
      showSearch={{ optionFilterProp: "label" }}
      disabled={disabled}
      aria-label={t("value")}
      placeholder={t("list")}
      className={styles.values ?? ""}
      popupMatchSelectWidth={false}
      value={row.values.map(literalText)}
      options={choices ?? []}
      onChange={(texts: string[]) => onChange(texts.map(toTree).filter((tree): tree is Tree => tree !== null))}
    />
  );
}

/** What an aggregate counts, for those that count. */
const COUNTED_AS: Partial<Record<string, string>> = { count: "times", days_in_a_row: "days" };

/** The editors for a row's values: none, one, two or many, by the operator and the type. */
export function RowValues({ row, onChange }: { row: Row; onChange: (values: Tree[]) => void }) {
  const { t } = useTranslation("expression");
  const { names } = useBuilder();
  const type = valueType(row, names);
  const count = valueCount(row);
  const say = useSay();
  const field = fieldOf(row.subject, names);
  const choices = useValueChoices(row.subject, field);
  const counted = row.subject.kind === "related" ? COUNTED_AS[row.subject.aggregate] : undefined;
  const times = counted ? t(counted) : undefined;
  if (count === 0) return null;
  if (count === "many") return <ManyValues row={row} type={type} choices={choices} onChange={onChange} />;
  const one = (index: number, label: string) => (
    <OneValue
      type={type}
      label={label}
      unit={times ?? (field?.unit ? say(field.unit) : undefined)}
      choices={type === "text" ? choices : null}
      value={row.values[index]}
      onChange={(value) => onChange(row.values.map((before, at) => (at === index ? value : before)))}
    />
  );
  if (count === 1) return one(0, t("value"));
  return (
    <span className={styles.joined}>
      {one(0, t("value"))}
      <span className="t-faint">{t("valueTo")}</span>
      {one(1, t("valueTo"))}
    </span>
  );
}
