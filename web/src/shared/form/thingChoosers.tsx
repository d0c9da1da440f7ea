import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { api, type Schemas } from "@/shared/api";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import type { WidgetProps } from "./widgets";

interface Kinds {
  items: Schemas["ThingTypeOut"][];
}

/** One of the stages, or of the fields, of the sort of things that the hints name; its bare key where that sort is not to be had. */
function chooser(list: "stages" | "fields") {
  return function ThingWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
    const { t } = useTranslation("shared");
    const language = useLanguage();
    const subject = schema["x-ui"]?.subject ?? "";
    const query = useQuery({ queryKey: ["/thing-types", "all"], queryFn: ({ signal }) => api.get<Kinds>("/thing-types", { limit: 1000 }, signal), retry: false });
    const kind = query.data?.items.find((one) => one.name === subject);
    const chosen = typeof value === "string" ? value : "";
    if (!kind && !query.isPending) return <Input aria-label={label} disabled={disabled} maxLength={schema.maxLength} value={chosen} onChange={(event) => onChange(event.target.value)} />;
    const options = (kind?.[list] ?? []).map((one) => ({ value: one.name, label: say(one.label, language) }));
    const gone = kind !== undefined && chosen !== "" && !options.some((one) => one.value === chosen);
    return (
      <Select
        aria-label={label}
        disabled={disabled}
        loading={query.isPending}
        allowClear={schema.default === ""}
        status={gone ? "error" : ""}
        placeholder={t("form.pick")}
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: "100%" }}
        value={chosen || null}
        options={options}
        onChange={(next: string | undefined) => onChange(next ?? "")}
      />
    );
  };
}

export const ThingStageWidget = chooser("stages");
export const ThingFieldWidget = chooser("fields");
