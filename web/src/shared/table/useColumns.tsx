import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "@/shared/i18n";
import type { Column } from "./DataTable";

/** Lets the reader choose columns and remembers it for `name` in this browser; the first column always stays. */
export function useColumns<T>(name: string, columns: readonly Column<T>[], hiddenAtFirst: readonly string[] = []) {
  const { t } = useTranslation("shared");
  const key = `tandem.columns.${name}`;
  const [hidden, setHidden] = useState<readonly string[]>(() => localStorage.getItem(key)?.split(",") ?? hiddenAtFirst);
  const choose = (shown: readonly string[]) => {
    const next = columns.map((column) => column.key).filter((one) => !shown.includes(one));
    localStorage.setItem(key, next.join(","));
    setHidden(next);
  };
  const visible = columns.filter((column, index) => index === 0 || !hidden.includes(column.key));
  const chooser = (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("page.columns")}
      content={
        <Checkbox.Group
          style={{ display: "flex", flexDirection: "column", gap: 4 }}
          value={visible.map((column) => column.key)}
          onChange={(values) => choose(values)}
          options={columns.map((column, index) => ({ label: column.title, value: column.key, disabled: index === 0 }))}
        />
      }
    >
      <Button type="text" icon={<SettingOutlined />} aria-label={t("page.columns")} />
    </Popover>
  );
  return { visible, chooser };
}
