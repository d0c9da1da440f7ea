import { Input } from "antd";
import { useMemo, useState } from "react";
import { formatDate, useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { LoadingState } from "@/shared/states";
import { namesIn, namesOfRelation, useCatalog, type ScopeRoots } from "./catalog";
import { readCondition, useChecked } from "./check";
import { Builder } from "./context";
import { GroupEditor } from "./GroupEditor";
import { askedOf, whereOf, whereText } from "./related";
import type { Tree } from "./tree";
import styles from "./ExpressionEditor.module.css";

const EMPTY: Tree = { kind: "and", items: [] };

interface Props {
  /** The related set, such as `coupons`. */
  relation: string;
  scope: ScopeRoots;
  value: string;
  onChange: (text: string) => void;
  disabled?: boolean;
}

/** Which rows of a related set: a condition in the rows' own words. What the server cannot read is shown as it was typed. */
export function RelationEditor({ relation, scope, value, onChange, disabled = false }: Props) {
  const { t } = useTranslation("expression");
  const catalog = useCatalog();
  const now = useBusinessNow();
  const [edited, setEdited] = useState<{ tree: Tree; text: string } | null>(null);
  const checking = useChecked(askedOf(relation, value), scope, "bool");
  const today = formatDate(now, "Asia/Shanghai");
  const builder = useMemo(() => {
    const names = catalog.data ? namesIn(catalog.data, scope) : null;
    const found = names?.relations.find((one) => one.name === relation);
    if (!names || !found) return null;
    const read = async (text: string) => whereOf(await readCondition(askedOf(relation, text), scope)) ?? EMPTY;
    return { names: namesOfRelation(found, names), today, disabled, things: true, Group: GroupEditor, read };
  }, [catalog.data, relation, scope, today, disabled]);
  const tree = edited?.text === value ? edited.tree : value.trim() === "" ? EMPTY : whereOf(checking.data?.tree);
  const edit = (next: Tree) => {
    const text = whereText(next);
    setEdited({ tree: next, text });
    onChange(text);
  };
  if (builder && tree) {
    return (
      <Builder value={builder}>
        <GroupEditor tree={tree} onChange={edit} />
      </Builder>
    );
  }
  if (checking.isFetching || catalog.isPending) return <LoadingState rows={2} />;
  return <Input.TextArea aria-label={t("mode.text")} className={styles.editor ?? ""} disabled={disabled} autoSize={{ minRows: 2 }} value={value} onChange={(event) => onChange(event.target.value)} />;
}
