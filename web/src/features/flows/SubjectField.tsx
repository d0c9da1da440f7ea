import { Form, Select } from "antd";
import { useCatalog } from "@/shared/expression";
import { useSay, useTranslation } from "@/shared/i18n";
import { CUSTOMER, subjectsOf } from "./subject";

/** What a flow is about: customers, or things of an entity that the catalog offers. It stays once the flow was published. */
export function SubjectField({ value, fixed = false, onChange }: { value: string; fixed?: boolean; onChange: (subject: string) => void }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const offered = subjectsOf(useCatalog().data).map((one) => ({ value: one.name, label: say(one.label) }));
  return (
    <Form.Item label={t("about.label")} extra={t(fixed ? "about.fixed" : "about.hint")}>
      <Select aria-label={t("about.label")} disabled={fixed} value={value} options={[{ value: CUSTOMER, label: t("about.customer") }, ...offered]} onChange={onChange} />
    </Form.Item>
  );
}
