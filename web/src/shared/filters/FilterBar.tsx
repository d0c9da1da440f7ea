import { CloseOutlined, PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, DatePicker, Dropdown, Input, Popover, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "@/shared/i18n";
import styles from "./FilterBar.module.css";

export interface Choice {
  value: string;
  label: string;
}

export interface FilterField {
  key: string;
  label: string;
  /** `choice` picks one of `choices`; `text` is typed; `date` picks a day. */
  kind: "choice" | "text" | "date";
  choices?: readonly Choice[];
}

interface BarProps {
  fields: readonly FilterField[];
  values: Partial<Record<string, string>>;
  onChange: (changes: Record<string, string | null>) => void;
  onClear: () => void;
  searchLabel?: string;
}

const TYPING_PAUSE = 250;

function SearchInput({ value, label, onChange }: { value: string; label: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text.trim()), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <Input
      className={styles.search ?? ""}
      prefix={<SearchOutlined />}
      allowClear
      placeholder={label}
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

function Editor({ field, value, onDone }: { field: FilterField; value: string; onDone: (value: string | null) => void }) {
  if (field.kind === "choice") {
    return (
      <Select
        autoFocus
        defaultOpen
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: 220 }}
        aria-label={field.label}
        value={value || null}
        options={[...(field.choices ?? [])]}
        onChange={(next) => onDone(next)}
      />
    );
  }
  if (field.kind === "date") {
    return <DatePicker autoFocus aria-label={field.label} value={value ? dayjs(value) : null} onChange={(day) => onDone(day?.format("YYYY-MM-DD") ?? null)} />;
  }
  return <Input autoFocus aria-label={field.label} defaultValue={value} onPressEnter={(event) => onDone(event.currentTarget.value.trim() || null)} onBlur={(event) => onDone(event.currentTarget.value.trim() || null)} />;
}

function Chip({ field, value, fresh, onChange, onSettled }: { field: FilterField; value: string; fresh: boolean; onChange: (value: string | null) => void; onSettled: () => void }) {
  const { t } = useTranslation("shared");
  const [open, setOpen] = useState(fresh);
  const shown = field.choices?.find((choice) => choice.value === value)?.label ?? value;
  const done = (next: string | null) => {
    setOpen(false);
    if (next !== value) onChange(next);
    onSettled();
  };
  const close = (next: boolean) => {
    setOpen(next);
    if (!next) onSettled();
  };
  return (
    <span className={styles.chip}>
      <Popover trigger="click" open={open} onOpenChange={close} placement="bottomLeft" destroyOnHidden content={<Editor field={field} value={value} onDone={done} />}>
        <button type="button" className={styles.chipText}>
          <span className="t-faint">{field.label}</span> {shown || "…"}
        </button>
      </Popover>
      <button type="button" className={styles.chipClose} aria-label={`${t("action.remove")} ${field.label}`} onClick={() => done(null)}>
        <CloseOutlined />
      </button>
    </span>
  );
}

/** Search, then conditions as chips that read as a sentence, then "add a condition". */
export function FilterBar({ fields, values, onChange, onClear, searchLabel }: BarProps) {
  const { t } = useTranslation("shared");
  const [adding, setAdding] = useState<string | null>(null);
  const active = fields.filter((field) => Boolean(values[field.key]) || field.key === adding);
  const free = fields.filter((field) => !active.includes(field));
  return (
    <>
      {searchLabel ? <SearchInput value={values.q ?? ""} label={searchLabel} onChange={(text) => onChange({ q: text || null })} /> : null}
      {active.map((field) => (
        <Chip
          key={field.key}
          field={field}
          value={values[field.key] ?? ""}
          fresh={field.key === adding}
          onChange={(value) => onChange({ [field.key]: value })}
          onSettled={() => setAdding(null)}
        />
      ))}
      {free.length > 0 ? (
        <Dropdown trigger={["click"]} menu={{ items: free.map((field) => ({ key: field.key, label: field.label })), onClick: ({ key }) => setAdding(key) }}>
          <Button type="dashed" icon={<PlusOutlined />}>
            {t("page.addFilter")}
          </Button>
        </Dropdown>
      ) : null}
      {Object.values(values).some(Boolean) ? (
        <Button type="link" onClick={onClear}>
          {t("state.clearFilters")}
        </Button>
      ) : null}
    </>
  );
}
