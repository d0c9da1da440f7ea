import { useQuery } from "@tanstack/react-query";
import { DatePicker, Select, type SelectProps } from "antd";
import dayjs from "dayjs";
import { api } from "@/shared/api";
import { CUSTOMER_SCOPE, useCatalog } from "@/shared/expression";
import { say, useLanguage, useTranslation, type Words } from "@/shared/i18n";
import { ConditionField } from "./ConditionField";
import type { Value } from "./schema";
import type { WidgetProps } from "./widgets";

interface Item {
  id?: string;
  name?: string;
  label?: Words | string | null;
  title?: string;
}

function text(value: Value): string {
  return typeof value === "string" ? value : "";
}

export function DateWidget({ optional, value, onChange, label, disabled }: WidgetProps) {
  return <DatePicker aria-label={label} disabled={disabled} allowClear={optional} style={{ width: "100%" }} value={text(value) ? dayjs(text(value)) : null} onChange={(day) => onChange(day?.format("YYYY-MM-DD") ?? null)} />;
}

export function DateTimeWidget({ optional, value, onChange, label, disabled }: WidgetProps) {
  return <DatePicker showTime aria-label={label} disabled={disabled} allowClear={optional} style={{ width: "100%" }} value={text(value) ? dayjs(text(value)) : null} onChange={(at) => onChange(at?.toISOString() ?? null)} />;
}

function list(value: Value): (string | number)[] {
  return Array.isArray(value) ? value.filter((one): one is string | number => typeof one === "string" || typeof one === "number") : [];
}

/** Several of the things kept under `path`, by their ids. */
export function several(path: string) {
  return function SeveralWidget({ value, onChange, label, disabled }: WidgetProps) {
    const { t } = useTranslation("shared");
    const language = useLanguage();
    const query = useQuery({ queryKey: [path, "choices"], queryFn: ({ signal }) => api.get<{ items: Item[] } | Item[]>(path, { limit: 200 }, signal), staleTime: 60_000 });
    const items = Array.isArray(query.data) ? query.data : (query.data?.items ?? []);
    const options = items.map((item) => ({ value: item.id ?? "", label: item.label ? say(item.label, language) : (item.name ?? item.title ?? "") }));
    return <Select mode="multiple" aria-label={label} disabled={disabled} placeholder={t("form.pick")} loading={query.isPending} showSearch={{ optionFilterProp: "label" }} style={{ width: "100%" }} value={list(value)} options={options} onChange={onChange} />;
  };
}

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

export function WeekdaysWidget({ value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  // The first of January 2024 was a Monday.
  const named = new Intl.DateTimeFormat(language === "en" ? "en" : "zh-CN", { weekday: "short", timeZone: "UTC" });
  const options = WEEKDAYS.map((day) => ({ value: day, label: named.format(new Date(Date.UTC(2024, 0, day))) }));
  return <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} aria-label={label} disabled={disabled} style={{ width: "100%" }} value={list(value)} options={options} onChange={(days: (string | number)[]) => onChange([...days].map(Number).sort())} />;
}

/** The related sets of what the scope names, under whose they are where that is not plain. */
export function RelationWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const catalog = useCatalog();
  const whose = Object.values(schema["x-ui"]?.scope ?? CUSTOMER_SCOPE);
  const owners = (catalog.data?.entities ?? []).filter((one) => whose.includes(one.name));
  const ranked = owners.sort((one, other) => Number(one.name === "customer") - Number(other.name === "customer"));
  const groups = ranked.map((owner) => ({ label: say(owner.label, language), options: (catalog.data?.relations ?? []).filter((one) => one.from === owner.name).map((one) => ({ value: one.name, label: say(one.label, language) })) }));
  const options = groups.filter((one) => one.options.length > 0);
  const shown: SelectProps["options"] = options.length > 1 ? options : (options[0]?.options ?? []);
  return <Select aria-label={label} disabled={disabled} showSearch={{ optionFilterProp: "label" }} style={{ width: "100%" }} value={text(value) || null} options={shown} notFoundContent={t("form.noRelation")} onChange={onChange} />;
}

/** Which rows of the related set chosen beside it. */
export function RelationWhereWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const relation = schema["x-ui"]?.relation;
  if (!relation) return <span className="t-faint">{t("form.relationFirst")}</span>;
  return <ConditionField label={label} value={text(value)} onChange={onChange} scope={schema["x-ui"]?.scope ?? CUSTOMER_SCOPE} returns="bool" disabled={disabled} relation={relation} />;
}

/** A list with a few fixed values, in the order chosen. */
export function OptionsWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  const options = (schema["x-ui"]?.options ?? []).map((one) => ({ value: one.value, label: say(one.label, language) }));
  return <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} aria-label={label} disabled={disabled} style={{ width: "100%" }} value={list(value).map(String)} options={options} onChange={onChange} />;
}
