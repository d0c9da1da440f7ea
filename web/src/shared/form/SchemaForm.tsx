import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { createElement, useId, type ReactNode } from "react";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import { findingsAt, initial, isOptional, isShown, joinPath, resolve, titleOf, half, type FieldFinding, type Schema, type Value, type Values } from "./schema";
import { widgetFor } from "./widgets";
import styles from "./SchemaForm.module.css";

interface Shared {
  root: Schema;
  findings: readonly FieldFinding[];
  disabled: boolean;
  scope: Record<string, string>;
}

interface FieldProps extends Shared {
  name: string;
  schema: Schema;
  path: string;
  value: Value;
  onChange: (value: Value) => void;
  required: boolean;
}

function Labelled({ label, help, required, findings, children }: { label: string; help: string; required: boolean; findings: readonly FieldFinding[]; children: ReactNode }) {
  const id = useId();
  return (
    <div className={styles.field} role="group" aria-labelledby={id}>
      <span className={styles.label} id={id}>
        {label}
        {required ? <span className={styles.required} aria-hidden="true" /> : null}
      </span>
      {children}
      {help ? <p className={styles.help}>{help}</p> : null}
      {findings.map((one) => (
        <p key={one.text} className={styles.finding} data-severity={one.severity ?? "error"}>
          {one.text}
        </p>
      ))}
    </div>
  );
}

function isRecord(value: Value): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ListField({ schema, path, value, onChange, name, ...shared }: FieldProps) {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  const items = Array.isArray(value) ? (value as Value[]) : [];
  const inner = schema.items ?? {};
  const itemName = titleOf(resolve(inner, shared.root), titleOf(schema, name, language), language);
  const full = schema.maxItems !== undefined && items.length >= schema.maxItems;
  const few = items.length <= (schema.minItems ?? 0);
  return (
    <div className={styles.list}>
      {items.map((item, index) => (
        <div key={index} className={styles.item} data-bare={resolve(inner, shared.root).properties === undefined}>
          <div className={styles.itemBody}>
            <Control {...shared} name={`${itemName} ${index + 1}`} schema={inner} path={joinPath(path, index)} value={item} required onChange={(next) => onChange(items.map((before, at) => (at === index ? next : before)))} />
          </div>
          <Button type="text" size="small" className={styles.itemRemove ?? ""} disabled={shared.disabled || few} icon={<DeleteOutlined />} aria-label={`${t("action.remove")} ${itemName} ${index + 1}`} onClick={() => onChange(items.filter((_, at) => at !== index))} />
        </div>
      ))}
      <Button type="dashed" disabled={shared.disabled || full} icon={<PlusOutlined />} onClick={() => onChange([...items, initial(inner, shared.root)])}>
        {t("action.add")}
      </Button>
    </div>
  );
}

/** One of several shapes, told apart by a constant field (`type`). */
function VariantField({ schema, value, onChange, ...rest }: FieldProps) {
  const language = useLanguage();
  const variants = (schema.oneOf ?? schema.anyOf ?? []).map((one) => resolve(one, rest.root));
  const tag = schema.discriminator?.propertyName ?? "type";
  const tagOf = (one: Schema) => (typeof one.properties?.[tag]?.const === "string" ? one.properties[tag].const : (one.title ?? ""));
  const current = isRecord(value) && typeof value[tag] === "string" ? value[tag] : "";
  const chosen = variants.find((one) => tagOf(one) === current) ?? variants[0];
  return (
    <div className={styles.list}>
      <Select
        aria-label={titleOf(schema, rest.name, language)}
        disabled={rest.disabled}
        value={chosen ? tagOf(chosen) : null}
        options={variants.map((one) => ({ value: tagOf(one), label: titleOf(one, tagOf(one), language) }))}
        onChange={(next) => {
          const found = variants.find((one) => tagOf(one) === next);
          if (found) onChange(initial(found, rest.root));
        }}
      />
      {chosen ? <ObjectFields {...rest} schema={chosen} value={isRecord(value) ? value : {}} onChange={onChange} /> : null}
    </div>
  );
}

function Control(props: FieldProps) {
  const { schema, root, name, value, onChange, disabled, scope } = props;
  const language = useLanguage();
  const here = resolve(schema, root);
  const widget = widgetFor(here);
  // The table of widgets is fixed, so the same schema always gives the same component.
  if (widget) return createElement(widget, { schema: here, optional: isOptional(schema), value, onChange, label: titleOf(here, name, language), disabled, scope });
  if (here.type === "array") return <ListField {...props} schema={here} />;
  if (here.oneOf ?? here.anyOf) return <VariantField {...props} schema={here} />;
  if (here.properties) return <ObjectFields {...props} schema={here} value={isRecord(value) ? value : {}} onChange={onChange} />;
  return null;
}

function ObjectFields({ schema, root, path, value, onChange, findings, disabled, scope }: Omit<FieldProps, "value" | "name" | "required"> & { value: Values }) {
  const language = useLanguage();
  return (
    <div className={styles.fields}>
      {Object.entries(schema.properties ?? {}).map(([name, field]) => {
        const here = resolve(field, root);
        if (here.const !== undefined || here["x-ui"]?.widget === "hidden" || !isShown(here, value)) return null;
        const at = joinPath(path, name);
        const help = here["x-ui"]?.help ? say(here["x-ui"].help, language) : half(here.description, language);
        const required = (schema.required ?? []).includes(name);
        return (
          <Labelled key={name} label={titleOf(here, name, language)} help={help} required={required} findings={findingsAt(findings, at)}>
            <Control {...{ root, findings, disabled, scope, name, required }} schema={field} path={at} value={value[name] ?? initial(field, root)} onChange={(next) => onChange({ ...value, [name]: next })} />
          </Labelled>
        );
      })}
    </div>
  );
}

export interface SchemaFormProps {
  /** JSON Schema of an object, as pydantic writes it, with `x-ui` hints. */
  schema: object;
  value: Readonly<Values>;
  onChange: (value: Values) => void;
  /** Shown under the field they name (`ways[1].condition`). */
  findings?: readonly FieldFinding[];
  disabled?: boolean;
  /** The scope of expressions and placeholders that do not name their own. */
  scope?: Record<string, string>;
}

const CUSTOMER = { customer: "customer" };

/** A form that follows from a schema; nothing about any block is written here. */
export function SchemaForm({ schema, value, onChange, findings = [], disabled = false, scope = CUSTOMER }: SchemaFormProps) {
  const root = schema as Schema;
  return <ObjectFields schema={resolve(root, root)} root={root} path="" value={value} findings={findings} disabled={disabled} scope={scope} onChange={(next) => onChange(next as Values)} />;
}
