import { PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, type InputRef } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef } from "react";
import { CUSTOMER_SCOPE, isWritable, namesIn, useCatalog } from "@/shared/expression";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import type { Schema } from "./schema";

interface TemplateInputProps {
  value: unknown;
  onChange: (value: string) => void;
  label: string;
  disabled?: boolean;
  scope?: Record<string, string>;
  schema?: Schema;
}

/** Text with `{{ placeholders }}`, which are picked from what its schema's scope names and put at the cursor. */
export function TemplateInput({ value, onChange, label, disabled = false, scope = CUSTOMER_SCOPE, schema }: TemplateInputProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const catalog = useCatalog();
  const area = useRef<TextAreaRef>(null);
  const line = useRef<InputRef>(null);
  const hints = schema?.["x-ui"];
  const isLine = hints?.widget === "template_line";
  const content = typeof value === "string" ? value : "";
  const kept = hints?.kept ? { group: { zh: t("form.kept"), en: t("form.kept") }, fields: hints.kept } : null;
  const named = catalog.data ? namesIn(catalog.data, hints?.scope ?? scope, kept).fields : [];
  const fields = hints?.plain ? named.filter(({ field }) => isWritable(field)) : named;
  const titles = [...new Set(fields.map(({ group }) => say(group, language)))];
  const groups = titles.map((title) => ({
    type: "group" as const,
    key: title,
    label: title,
    children: fields.filter(({ group }) => say(group, language) === title).map(({ path, field }) => ({ key: path.join("."), label: say(field.label, language) })),
  }));
  const insert = (path: string) => {
    const box = isLine ? line.current?.input : area.current?.resizableTextArea?.textArea;
    const from = box?.selectionStart ?? content.length;
    const to = box?.selectionEnd ?? content.length;
    onChange(`${content.slice(0, from)}{{${path}}}${content.slice(to)}`);
    box?.focus();
  };
  return (
    <div>
      {isLine ? (
        <Input ref={line} aria-label={label} disabled={disabled} maxLength={schema?.maxLength} value={content} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <Input.TextArea ref={area} aria-label={label} disabled={disabled} maxLength={schema?.maxLength} autoSize={{ minRows: 3, maxRows: 12 }} value={content} onChange={(event) => onChange(event.target.value)} />
      )}
      <Dropdown
        disabled={disabled}
        trigger={["click"]}
        menu={{
          style: { maxHeight: 320, overflowY: "auto" },
          items: groups,
          onClick: ({ key }) => insert(key),
        }}
      >
        <Button size="small" type="link" icon={<PlusOutlined />} style={{ paddingInline: 0 }}>
          {t(hints?.plain ? "form.insert" : "form.placeholder")}
        </Button>
      </Dropdown>
    </div>
  );
}
