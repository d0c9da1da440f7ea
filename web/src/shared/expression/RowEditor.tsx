import { DeleteOutlined } from "@ant-design/icons";
import { Button, Cascader, Select } from "antd";
import { useMemo, useState } from "react";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { namesOfRelation } from "./catalog";
import { Builder, useBuilder } from "./context";
import { isEmptyGroup } from "./print";
import { newRow, operatorGroups, relationOf, settled, typeOf, valueCount, type Row } from "./rows";
import { optionPath, subjectFromKey, subjectKey, subjectOptions } from "./subjects";
import { TimeStretch } from "./TimeStretch";
import { group, type RelatedNode, type Tree } from "./tree";
import { isBlank } from "./unfinished";
import { RowValues } from "./values";
import { stretchOf, within } from "./window";
import styles from "./Builder.module.css";

const EMPTY = group("and", []);

export function SubjectPicker({ subject, onPick, open }: { subject: Tree | null; onPick: (subject: Tree) => void; open?: boolean }) {
  const { t } = useTranslation("expression");
  const language = useLanguage();
  const { names, disabled } = useBuilder();
  const options = useMemo(() => subjectOptions(names, language, (key) => t(key)), [names, language, t]);
  const value = subject ? optionPath(options, subjectKey(subject)) : [];
  return (
    <Cascader
      options={options}
      value={value}
      disabled={disabled}
      defaultOpen={open ?? false}
      autoFocus={open ?? false}
      classNames={{ popup: { root: styles.picker ?? "" } }}
      allowClear={false}
      showSearch={{ filter: (typed, path) => path.some((one) => matches(one, typed)), limit: 30 }}
      expandTrigger="hover"
      aria-label={t("subject")}
      placeholder={t("pickSubject")}
      className={styles.subject ?? ""}
      // Inside "where" there is one kind of record, and the field says enough.
      displayRender={(labels) => labels.slice(names.relations.length > 0 ? -2 : -1).join(" · ")}
      onChange={(path) => {
        const next = subjectFromKey(path.at(-1) ?? "", subject);
        if (next) onPick(next);
      }}
    />
  );
}

/** Finds a field by its word in either case, and by its name in the language. */
function matches(option: { label?: unknown; value?: unknown }, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  return [option.label, option.value].some((text) => typeof text === "string" && text.toLowerCase().includes(wanted));
}

function operatorWord(op: string, type: string, t: (key: string) => string): string {
  if (type === "exists") return t(`existsOp.${op}`);
  if (type === "text" && (op === "=" || op === "!=")) return t(`textOp.${op}`);
  const timed = type === "date" || type === "timestamp";
  return timed && ["<", "<=", ">", ">=", "=", "!="].includes(op) ? t(`timeOp.${op}`) : t(`op.${op}`);
}

function OperatorSelect({ row, onChange }: { row: Row; onChange: (op: string) => void }) {
  const { t } = useTranslation("expression");
  const { names, disabled } = useBuilder();
  const type = typeOf(row.subject, names);
  return (
    <Select
      disabled={disabled}
      aria-label={t("operatorLabel")}
      className={styles.operator ?? ""}
      popupMatchSelectWidth={false}
      value={row.op}
      options={operatorGroups(row.subject, names).flatMap<{ value?: string; label: string; options?: { value: string; label: string }[] }>(({ group: title, ops }) => {
        const options = ops.map((op) => ({ value: op, label: operatorWord(op, type, t) }));
        return title ? [{ label: t(`opGroup.${title}`), options }] : options;
      })}
      onChange={onChange}
    />
  );
}

/** The second line of a condition about records: in which stretch of time, and which of them. */
function RelatedDetails({ subject, onChange }: { subject: RelatedNode; onChange: (subject: RelatedNode) => void }) {
  const { t } = useTranslation("expression");
  const builder = useBuilder();
  const [open, setOpen] = useState(false);
  const relation = relationOf(subject, builder.names);
  const inner = useMemo(() => (relation ? { ...builder, names: namesOfRelation(relation, builder.names) } : null), [builder, relation]);
  if (!relation || !inner) return null;
  const time = relation.time_field ?? "";
  const looked = stretchOf(subject, time);
  const rest = looked.rest ?? (open ? EMPTY : null);
  const narrow = (where: Tree | null) => {
    setOpen(where !== null);
    onChange(within(subject, time, { ...looked, rest: where && !isEmptyGroup(where) ? where : null }));
  };
  return (
    <div className={styles.details}>
      {time ? <TimeStretch stretch={looked.stretch} dated={relation.fields.some((one) => one.name === time)} onChange={(stretch) => onChange(within(subject, time, { ...looked, stretch }))} /> : null}
      {rest ? (
        <Builder value={inner}>
          <inner.Group tree={rest} title={t("where")} onChange={narrow} onRemove={() => narrow(null)} nested />
        </Builder>
      ) : (
        <Button type="link" size="small" disabled={builder.disabled} onClick={() => setOpen(true)}>
          {t("addWhere")}
        </Button>
      )}
    </div>
  );
}

/** A condition with a value still to be filled in says so where it stands. */
function Gap({ row }: { row: Row }) {
  const { t } = useTranslation("expression");
  const wanted = valueCount(row);
  const empty = wanted === "many" ? row.values.length === 0 : row.values.slice(0, wanted).some(isBlank);
  return empty ? <span className={styles.gap}>{t("gap")}</span> : null;
}

export function RowEditor({ row, onChange, onRemove }: { row: Row; onChange: (row: Row) => void; onRemove: () => void }) {
  const { t } = useTranslation("expression");
  const { names, today, disabled } = useBuilder();
  const pick = (subject: Tree) => onChange(typeOf(subject, names) === typeOf(row.subject, names) ? settled({ ...row, subject }, names, today) : newRow(subject, names, today));
  return (
    <div className={styles.row}>
      <div className={styles.line}>
        <SubjectPicker subject={row.subject} onPick={pick} />
        <OperatorSelect row={row} onChange={(op) => onChange(settled({ ...row, op }, names, today))} />
        <RowValues row={row} onChange={(values) => onChange({ ...row, values })} />
        <Gap row={row} />
        <Button type="text" disabled={disabled} icon={<DeleteOutlined />} aria-label={t("removeCondition")} className={styles.remove ?? ""} onClick={onRemove} />
      </div>
      {row.subject.kind === "related" ? <RelatedDetails subject={row.subject} onChange={(subject) => onChange({ ...row, subject })} /> : null}
    </div>
  );
}
