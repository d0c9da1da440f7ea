import { CheckCircleOutlined, ExclamationCircleOutlined, LoadingOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useDeferredValue, useMemo, useState } from "react";
import { formatDate, useBusinessNow } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState } from "@/shared/states";
import { CUSTOMER_SCOPE, namesIn, useCatalog, type CatalogField, type ScopeRoots } from "./catalog";
import { readCondition, useChecked, type Checked } from "./check";
import { Builder } from "./context";
import { GroupEditor } from "./GroupEditor";
import { useNamed } from "./named";
import { print } from "./print";
import { TextEditor } from "./TextEditor";
import type { Tree } from "./tree";
import { unfinished } from "./unfinished";
import styles from "./ExpressionEditor.module.css";

export interface ExpressionEditorProps {
  /** The expression's text; the visual form edits the same tree and hands up its text. */
  value: string;
  onChange: (text: string) => void;
  scope?: ScopeRoots;
  /** The type it must have; only conditions (`bool`) have a visual form. */
  returns?: string;
  disabled?: boolean;
  /** Where room is short (a block's form on the canvas). */
  compact?: boolean;
  /** What runs of the flow keep (`run.`), offered beside the catalog's own. */
  kept?: readonly CatalogField[];
}

type Mode = "visual" | "text";
const EMPTY: Tree = { kind: "and", items: [] };

function Status({ checked, busy, gaps }: { checked: Checked | undefined; busy: boolean; gaps: number }) {
  const { t } = useTranslation("expression");
  const say = useSay();
  const plain = useNamed(checked?.plain ? say(checked.plain) : "");
  if (gaps > 0) {
    return (
      <span className={styles.wrong}>
        <ExclamationCircleOutlined /> {t("unfinished", { count: gaps })}
      </span>
    );
  }
  if (busy) {
    return (
      <span className="t-faint">
        <LoadingOutlined /> {t("checking")}
      </span>
    );
  }
  if (!checked) return null;
  if (checked.errors.length > 0) {
    return (
      <span className={styles.wrong}>
        <ExclamationCircleOutlined /> {t("problems", { count: checked.errors.length })}
      </span>
    );
  }
  return (
    <>
      <span className={styles.fine}>
        <CheckCircleOutlined /> {plain ? `${t("meaning")}${t("colon")}${plain}` : t("fine")}
      </span>
      <Notes checked={checked} />
    </>
  );
}

/** What it costs when that is worth knowing, and what a person should know about the functions used. */
function Notes({ checked }: { checked: Checked }) {
  const { t } = useTranslation("expression");
  const say = useSay();
  const { cost, notes } = checked;
  return (
    <>
      {cost && cost.level !== "cheap" ? (
        <p className={`t-faint ${styles.note}`}>{t(`cost.${cost.level}`, { lookups: cost.lookups, share: Math.max(1, Math.round((100 * cost.points) / cost.limit)) })}</p>
      ) : null}
      {(notes ?? []).map((note) => (
        <p key={note.en} className={`t-faint ${styles.note}`}>
          {say(note)}
        </p>
      ))}
    </>
  );
}

/** The tree shown visually: the reader's own last edit while it still says the same, else what the server read. */
function useTree(value: string, checked: Checked | undefined) {
  const [edited, setEdited] = useState<{ tree: Tree; text: string } | null>(null);
  if (value.trim() === "") return { tree: edited?.text === value ? edited.tree : EMPTY, setEdited };
  if (edited?.text === value) return { tree: edited.tree, setEdited };
  const current = checked?.text === value || (checked?.tree && print(checked.tree) === value) ? checked.tree : null;
  return { tree: current ?? checked?.tree ?? null, setEdited };
}

export function ExpressionEditor({ value, onChange, scope = CUSTOMER_SCOPE, returns = "bool", disabled = false, compact = false, kept }: ExpressionEditorProps) {
  const { t } = useTranslation("expression");
  const [mode, setMode] = useState<Mode>(returns === "bool" ? "visual" : "text");
  const catalog = useCatalog();
  const now = useBusinessNow();
  const slow = useDeferredValue(value);
  const checking = useChecked(slow, scope, returns);
  const { tree, setEdited } = useTree(value, checking.data);
  const today = formatDate(now, "Asia/Shanghai");
  const builder = useMemo(
    () => (catalog.data ? { names: namesIn(catalog.data, scope, kept ? { group: { zh: t("kept"), en: t("kept") }, fields: kept } : null), today, disabled, things: scope.customer !== "customer", Group: GroupEditor, read: (text: string) => readCondition(text, scope) } : null),
    [catalog.data, scope, kept, t, today, disabled],
  );
  const edit = (next: Tree) => {
    const text = next.kind === "and" && next.items.length === 0 ? "" : print(next);
    setEdited({ tree: next, text });
    onChange(text);
  };
  const problems = value.trim() === "" ? [] : (checking.data?.errors ?? []);
  const gaps = unfinished(value);
  const visual = mode === "visual" && builder !== null && tree !== null;
  return (
    <div className={compact ? `${styles.editor} ${styles.compact}` : styles.editor}>
      {returns === "bool" ? (
        <div className={styles.bar}>
          <Segmented
            size="small"
            aria-label={t("mode.label")}
            value={mode}
            options={[
              { value: "visual" as const, label: t("mode.visual") },
              { value: "text" as const, label: t("mode.text") },
            ]}
            onChange={setMode}
          />
        </div>
      ) : null}
      {catalog.error ? <ErrorState compact error={catalog.error} onRetry={() => void catalog.refetch()} /> : null}
      {mode === "visual" && !visual && !catalog.error && !checking.error && problems.length === 0 ? <LoadingState rows={2} /> : null}
      {visual ? (
        <Builder value={builder}>
          <GroupEditor tree={tree} onChange={edit} />
        </Builder>
      ) : null}
      {(mode === "text" || (!visual && problems.length > 0)) && catalog.data && builder ? <TextEditor value={value} problems={problems} names={builder.names} catalog={catalog.data} disabled={disabled} rows={compact ? 2 : 4} onChange={onChange} /> : null}
      {checking.error ? <ErrorState compact error={checking.error} onRetry={() => void checking.refetch()} /> : null}
      <div className={styles.status} role="status">
        {value.trim() === "" ? null : <Status checked={checking.data} busy={checking.isFetching && !checking.data} gaps={gaps} />}
        {visual && gaps === 0 && problems.length > 0 ? <TextProblems text={problems.map((one) => one.message)} /> : null}
      </div>
    </div>
  );
}

function TextProblems({ text }: { text: Checked["errors"][number]["message"][] }) {
  const say = useSay();
  return (
    <ul className={`t-plain ${styles.wrong}`}>
      {text.map((one) => (
        <li key={one.en}>{say(one)}</li>
      ))}
    </ul>
  );
}
