import { Select } from "antd";
import { eventsOf, useCatalog } from "@/shared/expression";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import type { WidgetProps } from "./widgets";

/** One of the events that what the form is about can have; one that was chosen before stays to be seen, and the check says it. */
export function EventTypeWidget({ schema, value, onChange, label, disabled }: WidgetProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const catalog = useCatalog().data;
  const hints = schema["x-ui"];
  const chosen = typeof value === "string" && value !== "" ? value : null;
  const offered = catalog ? (hints?.subject === undefined ? catalog.event_types : eventsOf(catalog, hints.subject, hints.starting ?? false, chosen)) : [];
  const options = offered.map((one) => ({ value: one.name, label: say(one.label, language) }));
  return <Select aria-label={label} disabled={disabled} placeholder={t("form.pick")} showSearch={{ optionFilterProp: "label" }} style={{ width: "100%" }} value={chosen} options={options} onChange={onChange} />;
}
