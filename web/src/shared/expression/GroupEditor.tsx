import { CloseOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Tag } from "antd";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useBuilder, type GroupProps } from "./context";
import { print } from "./print";
import { RowEditor, SubjectPicker } from "./RowEditor";
import { fromRow, newRow, toRow } from "./rows";
import { group, not, type GroupNode, type Tree } from "./tree";
import styles from "./Builder.module.css";

/** A condition that has no visual form: its text, read again when it is left. */
function FormulaRow({ tree, onChange, onRemove }: { tree: Tree; onChange: (tree: Tree) => void; onRemove: () => void }) {
  const { t } = useTranslation("expression");
  const say = useSay();
  const { read, disabled } = useBuilder();
  const [text, setText] = useState(() => print(tree));
  const [problem, setProblem] = useState("");
  const settle = () => {
    if (text === print(tree)) return;
    read(text).then(
      (next) => {
        setProblem("");
        onChange(next);
      },
      (error: unknown) => setProblem(say(asApiError(error).words)),
    );
  };
  return (
    <div className={styles.row}>
      <div className={styles.line}>
        <Tag>{t("formula")}</Tag>
        <Input
          className={styles.formula ?? ""}
          disabled={disabled}
          aria-label={t("formula")}
          title={t("formulaHint")}
          status={problem ? "error" : ""}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={settle}
          onPressEnter={settle}
        />
        <Button type="text" disabled={disabled} icon={<DeleteOutlined />} aria-label={t("removeCondition")} className={styles.remove ?? ""} onClick={onRemove} />
      </div>
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
    </div>
  );
}

function Item({ tree, onChange, onRemove }: { tree: Tree; onChange: (tree: Tree) => void; onRemove: () => void }) {
  const { names } = useBuilder();
  if (tree.kind === "and" || tree.kind === "or") return <GroupEditor tree={tree} onChange={onChange} onRemove={onRemove} nested />;
  if (tree.kind === "not" && (tree.item.kind === "and" || tree.item.kind === "or")) {
    return <GroupEditor tree={tree.item} negated onChange={onChange} onRemove={onRemove} nested />;
  }
  const row = toRow(tree, names);
  if (row) return <RowEditor row={row} onChange={(next) => onChange(fromRow(next))} onRemove={onRemove} />;
  return <FormulaRow key={print(tree)} tree={tree} onChange={onChange} onRemove={onRemove} />;
}

function asGroup(tree: Tree): GroupNode {
  if (tree.kind === "and" || tree.kind === "or") return tree;
  return { kind: "and", items: tree.kind === "bool" && tree.value ? [] : [tree] };
}

function GroupHead({ kind, title, negated, onKind, onRemove }: { kind: "and" | "or"; title: string | undefined; negated: boolean; onKind: (kind: "and" | "or") => void; onRemove: (() => void) | undefined }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const [before = "", after = ""] = t("allOf", { which: "|" }).split("|");
  return (
    <div className={styles.head}>
      {title ? <strong>{title}</strong> : null}
      {negated ? <Tag color="warning">{t("negateGroup")}</Tag> : null}
      <span>{before}</span>
      <Segmented
        size="small"
        disabled={disabled}
        aria-label={t("which")}
        value={kind}
        options={[
          { value: "and" as const, label: t("all") },
          { value: "or" as const, label: t("any") },
        ]}
        onChange={onKind}
      />
      <span>{after}</span>
      {onRemove ? <Button type="text" size="small" disabled={disabled} className={styles.remove ?? ""} icon={<CloseOutlined />} aria-label={t("removeGroup")} onClick={onRemove} /> : null}
    </div>
  );
}

/** Conditions of which all or any must hold; groups nest. Every edit makes a new tree and hands it up. */
export function GroupEditor({ tree, onChange, onRemove, title, nested = false, negated = false }: GroupProps) {
  const { t } = useTranslation("expression");
  const { names, today, disabled } = useBuilder();
  const [adding, setAdding] = useState(false);
  const here = asGroup(tree);
  const emit = (items: Tree[], kind: "and" | "or" = here.kind) => {
    // A group that the reader made stays a group, even with one condition in it; only the outermost is unwrapped when printed.
    const next: Tree = nested ? { kind, items } : group(kind, items);
    onChange(negated ? not(next) : next);
  };
  const replace = (at: number, item: Tree) => emit(here.items.map((before, index) => (index === at ? item : before)));
  const remove = (at: number) => emit(here.items.filter((_, index) => index !== at));
  return (
    <div className={nested ? `${styles.group} ${styles.nested}` : styles.group} role="group" aria-label={title ?? t("which")}>
      <GroupHead kind={here.kind} title={title} negated={negated} onKind={(kind) => emit(here.items, kind)} onRemove={onRemove} />
      {here.items.map((item, index) => (
        // Conditions have no identity of their own; their place is the best there is.
        <Item key={index} tree={item} onChange={(next) => replace(index, next)} onRemove={() => remove(index)} />
      ))}
      {here.items.length === 0 && !adding && !nested ? <p className={styles.none}>{t("noConditions")}</p> : null}
      {adding ? (
        <div className={styles.line}>
          <SubjectPicker
            subject={null}
            open
            onPick={(subject) => {
              setAdding(false);
              emit([...here.items, fromRow(newRow(subject, names, today))]);
            }}
          />
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("removeCondition")} onClick={() => setAdding(false)} />
        </div>
      ) : null}
      {disabled ? null : (
        <div className={styles.adders}>
          <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t("addCondition")}
          </Button>
          {title ? null : (
            <Button size="small" type="text" icon={<PlusOutlined />} onClick={() => emit([...here.items, { kind: here.kind === "and" ? "or" : "and", items: [] }])}>
              {t("addGroup")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
