import { Button, Input } from "antd";
import { lazy, Suspense } from "react";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import type { CatalogAnswer, Names } from "./catalog";
import type { Problem } from "./check";
import { replaced } from "./places";
import styles from "./TextEditor.module.css";

// The editor's library is as large as the rest of a page; who never writes formulas never loads it.
const CodeEditor = lazy(() => import("./CodeEditor"));

interface TextEditorProps {
  value: string;
  problems: readonly Problem[];
  names: Names;
  catalog: CatalogAnswer;
  disabled?: boolean;
  rows?: number;
  onChange: (text: string) => void;
}

/** The formula as text: names are offered, mistakes are underlined where they stand and listed below with their cure. */
export function TextEditor({ value, problems, names, catalog, disabled = false, rows = 4, onChange }: TextEditorProps) {
  const { t } = useTranslation("expression");
  const say = useSay();
  const language = useLanguage();
  const suggest = (text: string) => t("suggest", { text });
  return (
    <div style={{ "--rows": rows } as React.CSSProperties}>
      <Suspense fallback={<Input.TextArea className={styles.waiting ?? ""} autoSize={{ minRows: rows, maxRows: 18 }} disabled={disabled} aria-label={t("textLabel")} value={value} onChange={(event) => onChange(event.target.value)} />}>
        <CodeEditor value={value} problems={problems} label={t("textLabel")} placeholder={t("textPlaceholder")} disabled={disabled} names={names} catalog={catalog} language={language} say={say} suggest={suggest} onChange={onChange} />
      </Suspense>
      <p className={`t-faint ${styles.hint}`}>{t("textHint")}</p>
      {problems.length > 0 ? (
        <ul className={`t-plain ${styles.problems}`} aria-live="polite">
          {problems.map((problem) => (
            <li key={`${problem.start}${problem.code}`}>
              <span>{say(problem.message)}</span>
              {problem.suggestion !== null && !disabled ? (
                <Button size="small" type="link" onClick={() => onChange(replaced(value, problem))}>
                  {suggest(problem.suggestion)}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
