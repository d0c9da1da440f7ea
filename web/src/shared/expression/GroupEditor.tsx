import { CloseOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select, Tag } from "antd";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useBuilder, type GroupProps } from "./context";
import { closeGroup, openGroup, openTop, type Shown } from "./groups";
import { print } from "./print";
import { RowEditor, SubjectPicker } from "./RowEditor";
import { fromRow, newRow, toRow } from "./rows";
import type { Tree } from "./tree";
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
  if (openGroup(tree)) return <GroupEditor tree={tree} onChange={onChange} onRemove={onRemove} nested />;
  const row = toRow(tree, names);
  if (row) return <RowEditor row={row} onChange={(next) => onChange(fromRow(next))} onRemove={onRemove} />;
  return <FormulaRow key={print(tree)} tree={tree} onChange={onChange} onRemove={onRemove} />;
}

type Mode = "and" | "or" | "not and" | "not or";

interface HeadProps {
  shown: Shown;
  title: string | undefined;
  nested: boolean;
  onMode: (mode: Pick<Shown, "kind" | "negated">) => void;
  onRemove: (() => void) | undefined;
}

function GroupHead({ shown, title, nested, onMode, onRemove }: HeadProps) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const [before = "", after = ""] = t("allOf", { which: "|" }).split("|");
  // "Not all" and "none" are offered where a group can be denied; the outermost and a "where" cannot.
  const modes: Mode[] = nested && !title ? ["and", "or", "not or", "not and"] : ["and", "or"];
  const mode: Mode = shown.negated ? `not ${shown.kind}` : shown.kind;
  return (
    <div className={styles.head}>
      {title ? <strong>{title}</strong> : null}
      <span>{before}</span>
      <Select<Mode>
        size="small"
        variant="filled"
        disabled={disabled}
        aria-label={t("which")}
        popupMatchSelectWidth={false}
        value={mode}
        options={(modes.includes(mode) ? modes : [...modes, mode]).map((one) => ({ value: one, label: t(`which_${one.replace(" ", "_")}`) }))}
        onChange={(next) => onMode({ kind: next.endsWith("or") ? "or" : "and", negated: next.startsWith("not ") })}
      />
      <span>{after}</span>
      {onRemove ? <Button type="text" size="small" disabled={disabled} className={styles.remove ?? ""} icon={<CloseOutlined />} aria-label={t("removeGroup")} onClick={onRemove} /> : null}
    </div>
  );
}

/** Conditions of which all or any must hold; groups nest. Every edit makes a new tree and hands it up. */
export function GroupEditor({ tree, onChange, onRemove, title, nested = false }: GroupProps) {
  const { t } = useTranslation("expression");
  const { names, today, disabled, things } = useBuilder();
  const [adding, setAdding] = useState(false);
  const here = (nested ? openGroup(tree) : null) ?? openTop(tree);
  const emit = (changes: Partial<Shown>) => onChange(closeGroup({ ...here, ...changes }, nested));
  const replace = (at: number, item: Tree) => emit({ items: here.items.map((before, index) => (index === at ? item : before)) });
  const remove = (at: number) => emit({ items: here.items.filter((_, index) => index !== at) });
  const link = t(here.kind === "and" ? "linkAnd" : "linkOr");
  return (
    <div className={nested ? `${styles.group} ${styles.nested}` : styles.group} role="group" aria-label={title ?? t("which")}>
      <GroupHead shown={here} title={title} nested={nested} onMode={emit} onRemove={onRemove} />
      {here.items.map((item, index) => (
        // Conditions have no identity of their own; their place is the best there is.
        <div key={index} className={styles.item}>
          <span className={styles.link}>{index > 0 ? link : ""}</span>
          <div className={styles.body}>
            <Item tree={item} onChange={(next) => replace(index, next)} onRemove={() => remove(index)} />
          </div>
        </div>
      ))}
      {here.items.length === 0 && !adding ? <p className={styles.none}>{t(nested ? "noneInGroup" : things ? "noConditionsThings" : "noConditions")}</p> : null}
      {adding ? (
        <div className={styles.line}>
          <SubjectPicker
            subject={null}
            open
            onPick={(subject) => {
              setAdding(false);
              emit({ items: [...here.items, fromRow(newRow(subject, names, today))] });
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
            <Button size="small" type="text" icon={<PlusOutlined />} onClick={() => emit({ items: [...here.items, { kind: here.kind === "and" ? "or" : "and", items: [] }] })}>
              {t("addGroup")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
