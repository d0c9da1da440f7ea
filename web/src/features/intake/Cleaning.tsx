import { Checkbox, Form } from "antd";
import { useTranslation } from "@/shared/i18n";
import { chosenIn, choosing, RULES } from "./cleaning";

/** Which rules the values are spelt by: the mapping's own list, ticked instead of typed. */
export function Cleaning({ mapping, onChange }: { mapping: unknown; onChange: (mapping: unknown) => void }) {
  const { t } = useTranslation("intake");
  const chosen = chosenIn(mapping);
  if (chosen === null) return null;
  return (
    <Form.Item label={t("sources.cleaning")} extra={t("sources.cleaningHint")}>
      <Checkbox.Group
        aria-label={t("sources.cleaning")}
        value={chosen}
        options={RULES.map((value) => ({ value, label: t(`cleaning.${value}`) }))}
        onChange={(rules) => onChange(choosing(mapping, rules))}
      />
    </Form.Item>
  );
}
