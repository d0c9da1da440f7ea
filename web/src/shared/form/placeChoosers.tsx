import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Cascader, Select } from "antd";
import { useMemo } from "react";
import { api, type Page } from "@/shared/api";
import { regionPath, useCatalog, useDivisions } from "@/shared/expression";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import type { Value } from "./schema";
import type { WidgetProps } from "./widgets";

function text(value: Value): string {
  return typeof value === "string" ? value : "";
}

const searched = { showSearch: { optionFilterProp: "label" }, style: { width: "100%" } } as const;

/** One of the blocks of this drawing: whoever knows the drawing put them into the hints as options. */
export function BlockWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const options = (schema["x-ui"]?.options ?? []).map((one) => ({ value: one.value, label: say(one.label, language) }));
  const chosen = text(value);
  const gone = chosen !== "" && !options.some((one) => one.value === chosen);
  return (
    <Select
      {...searched}
      aria-label={label}
      disabled={disabled}
      allowClear={schema.default === ""}
      status={gone ? "error" : ""}
      placeholder={t("form.blockPick")}
      notFoundContent={t("form.blockNone")}
      value={chosen || null}
      options={gone ? [{ value: chosen, label: t("form.blockGone"), disabled: true }, ...options] : options}
      onChange={(next: string | undefined) => onChange(next ?? "")}
    />
  );
}

function codes(value: Value): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** Provinces, cities and counties by name; a whole province is one choice, not all its counties. */
export function DivisionsWidget({ value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const { tree, pending } = useDivisions();
  const paths = useMemo(() => codes(value).map((code) => regionPath(tree, code)).filter((path) => path.length > 0), [tree, value]);
  return (
    <Cascader
      multiple
      options={tree}
      value={paths}
      loading={pending}
      disabled={disabled || pending}
      showCheckedStrategy={Cascader.SHOW_PARENT}
      showSearch={{ limit: 30 }}
      aria-label={label}
      placeholder={t("form.divisionPick")}
      style={{ width: "100%" }}
      displayRender={(labels) => labels.join("")}
      onChange={(next) => onChange(next.flatMap((path) => path.slice(-1)))}
    />
  );
}

/** A field of the event by which customers come in. Without one event to speak of its name is typed. */
export function EventFieldWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  const catalog = useCatalog();
  const type = schema["x-ui"]?.scope?.event;
  const fields = catalog.data?.event_types.find((one) => one.name === type)?.fields ?? [];
  const options = fields.filter((one) => one.usable !== false).map((one) => ({ value: one.name, label: say(one.label, language) }));
  if (options.length === 0) return <AutoComplete aria-label={label} disabled={disabled} style={{ width: "100%" }} value={text(value)} onChange={onChange} />;
  return <Select {...searched} aria-label={label} disabled={disabled} value={text(value) || null} options={options} onChange={onChange} />;
}

const GEOFENCE = "geofence:";

/** A geofence by its name. */
export function GeofenceWidget({ value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const query = useQuery({ queryKey: ["/geofences", "choices"], queryFn: ({ signal }) => api.get<Page<{ name: string; label: string }>>("/geofences", { limit: 200 }, signal), staleTime: 5_000 });
  const options = (query.data?.items ?? []).map((one) => ({ value: `${GEOFENCE}${one.name}`, label: one.label || one.name }));
  const none = (
    <span className="t-soft">
      {t("form.geofenceNone")}{" "}
      <a href="/geofences" target="_blank" rel="noreferrer">
        {t("form.geofenceDraw")}
      </a>
    </span>
  );
  return <Select {...searched} aria-label={label} disabled={disabled} loading={query.isPending} placeholder={t("form.geofencePick")} notFoundContent={none} value={text(value) || null} options={options} onChange={onChange} />;
}

/** A sealed credential by its name; who may not see them types it. */
export function SecretWidget({ value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const query = useQuery({ queryKey: ["/flow-secrets", "choices"], queryFn: ({ signal }) => api.get<Page<{ name: string; host: string }>>("/flow-secrets", { limit: 200 }, signal), staleTime: 60_000, retry: false });
  const options = (query.data?.items ?? []).map((one) => ({ value: one.name, label: `${one.name} · ${one.host}` }));
  if (query.error) return <AutoComplete aria-label={label} disabled={disabled} style={{ width: "100%" }} value={text(value)} onChange={onChange} />;
  return <Select {...searched} allowClear aria-label={label} disabled={disabled} loading={query.isPending} placeholder={t("form.secretNone")} notFoundContent={t("form.secretEmpty")} value={text(value) || null} options={options} onChange={(next: string | undefined) => onChange(next ?? "")} />;
}

/** A field of the customer by its words; an attribute of the tenant's own may be typed. */
export function CustomerFieldWidget({ value, onChange, label, disabled }: WidgetProps) {
  const language = useLanguage();
  const catalog = useCatalog();
  const fields = catalog.data?.entities.find((one) => one.name === "customer")?.fields ?? [];
  const options = fields.filter((one) => one.usable !== false).map((one) => ({ value: one.name, label: say(one.label, language) }));
  return <Select {...searched} mode="tags" aria-label={label} disabled={disabled} loading={catalog.isPending} value={text(value) ? [text(value)] : []} options={options} onChange={(next: string[]) => onChange(next.at(-1) ?? "")} />;
}
