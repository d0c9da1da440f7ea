import { PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef } from "react";
import { CUSTOMER_SCOPE, useCatalog } from "@/shared/expression";
import { namesIn } from "@/shared/expression";
import { say, useLanguage, useTranslation } from "@/shared/i18n";

interface TemplateInputProps {
  value: unknown;
  onChange: (value: string) => void;
  label: string;
  disabled?: boolean;
  scope?: Record<string, string>;
}

/** Text with `{{ placeholders }}`, which are picked from the catalog and put at the cursor. */
export function TemplateInput({ value, onChange, label, disabled = false, scope = CUSTOMER_SCOPE }: TemplateInputProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const catalog = useCatalog();
  const area = useRef<TextAreaRef>(null);
  const content = typeof value === "string" ? value : "";
  const fields = catalog.data ? namesIn(catalog.data, scope).fields : [];
  const insert = (path: string) => {
    const box = area.current?.resizableTextArea?.textArea;
    const from = box?.selectionStart ?? content.length;
    const to = box?.selectionEnd ?? content.length;
    onChange(`${content.slice(0, from)}{{${path}}}${content.slice(to)}`);
    box?.focus();
  };
  return (
    <div>
      <Input.TextArea ref={area} aria-label={label} disabled={disabled} autoSize={{ minRows: 3, maxRows: 12 }} value={content} onChange={(event) => onChange(event.target.value)} />
      <Dropdown
        disabled={disabled}
        trigger={["click"]}
        menu={{
          style: { maxHeight: 320, overflowY: "auto" },
          items: fields.map(({ path, field, group }) => ({ key: path.join("."), label: `${say(group, language)} · ${say(field.label, language)}` })),
          onClick: ({ key }) => insert(key),
        }}
      >
        <Button size="small" type="link" icon={<PlusOutlined />} style={{ paddingInline: 0 }}>
          {t("form.placeholder")}
        </Button>
      </Dropdown>
    </div>
  );
}
