import { Checkbox, Select, Tag } from "antd";
import { Percent } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import type { Choice, ImportDetail, ImportPreview } from "./types";
import styles from "./Imports.module.css";

interface Props {
  one: ImportDetail;
  choice: Choice;
  seen: ImportPreview | undefined;
  onChange: (choice: Choice) => void;
}

function Fill({ field, seen }: { field: string; seen: ImportPreview | undefined }) {
  const { t } = useTranslation("imports");
  const column = seen?.columns.find((one) => one.field === field);
  if (!column) return null;
  const bad = column.valid < 1;
  return (
    <span className={bad ? styles.fillBad : styles.fill}>
      {t("mapping.filled")} <Percent value={column.filled} />
      {bad ? (
        <>
          {" · "}
          {t("mapping.unreadable")} <Percent value={1 - column.valid} />
        </>
      ) : null}
    </span>
  );
}

/** Which column fills which field. */
export function Mapping({ one, choice, seen, onChange }: Props) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const columns = one.header.map((name, at) => ({ value: at, label: name || `#${at + 1}` }));
  const choose = (field: string, column: number | undefined) => {
    const others = Object.entries(choice.mapping).filter(([name]) => name !== field);
    onChange({ ...choice, mapping: Object.fromEntries(column === undefined ? others : [...others, [field, column]]) });
  };
  return (
    <Section title={t("mapping.title")}>
      <p className={styles.hint}>{t("mapping.hint")}</p>
      {one.fields.map((field) => (
        <div key={field.name} className={styles.pair}>
          <span>
            {say(field.label)} {field.required ? <Tag>{t("mapping.required")}</Tag> : null}
            <Fill field={field.name} seen={seen} />
          </span>
          <Select
            aria-label={say(field.label)}
            allowClear
            placeholder={t("mapping.none")}
            showSearch={{ optionFilterProp: "label" }}
            value={choice.mapping[field.name] ?? null}
            options={columns}
            onChange={(column: number | null | undefined) => choose(field.name, column ?? undefined)}
          />
        </div>
      ))}
    </Section>
  );
}

/** Which cleaning rules are on, and what each changes. */
export function Cleaning({ one, choice, seen, onChange }: Props) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const changed = (fields: readonly string[]) => seen?.columns.filter((column) => column.changed > 0 && (fields.length === 0 || fields.includes(column.field))) ?? [];
  return (
    <Section title={t("cleaning.title")}>
      <Checkbox.Group className={styles.rules ?? ""} value={choice.cleaning} onChange={(cleaning) => onChange({ ...choice, cleaning })}>
        {one.rules.map((rule) => (
          <div key={rule.name}>
            <Checkbox value={rule.name}>{say(rule.label)}</Checkbox>
            {choice.cleaning.includes(rule.name) && rule.fields.length > 0
              ? changed(rule.fields).flatMap((column) =>
                  column.changes.slice(0, 2).map((change) => (
                    <p key={`${column.field}${change.before}`} className={styles.change}>
                      <del>{change.before}</del> → <ins>{change.after || t("cleaning.empty")}</ins>
                    </p>
                  )),
                )
              : null}
          </div>
        ))}
      </Checkbox.Group>
    </Section>
  );
}
