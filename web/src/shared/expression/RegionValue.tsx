import { Cascader } from "antd";
import { useTranslation } from "@/shared/i18n";
import { useBuilder } from "./context";
import { regionPath, useDivisions } from "./regions";
import styles from "./Builder.module.css";

/** Province, city or county by its code; any level can be chosen, and a name can be typed. */
export function RegionValue({ code, label, onChange }: { code: string; label: string; onChange: (code: string) => void }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const { tree, pending } = useDivisions();
  return (
    <Cascader
      options={tree}
      value={regionPath(tree, code)}
      loading={pending}
      disabled={disabled}
      changeOnSelect
      allowClear={false}
      showSearch={{ limit: 30 }}
      expandTrigger="hover"
      aria-label={label}
      placeholder={t("pickRegion")}
      className={styles.subject ?? ""}
      displayRender={(labels) => labels.join("")}
      onChange={(path) => {
        const next = path.at(-1);
        if (next) onChange(next);
      }}
    />
  );
}
