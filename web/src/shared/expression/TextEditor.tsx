import { Button, Input } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef } from "react";
import { useSay, useTranslation } from "@/shared/i18n";
import type { Problem } from "./check";
import styles from "./TextEditor.module.css";

interface Piece {
  text: string;
  wrong: boolean;
}

/** Cuts the text at the problems' places. Offsets are code points; a surrogate pair is one. */
export function pieces(text: string, problems: readonly Problem[]): Piece[] {
  const points = Array.from(text);
  const wrong = new Array<boolean>(points.length + 1).fill(false);
  for (const { start, end } of problems) for (let at = start; at < Math.max(end, start + 1); at += 1) wrong[at] = true;
  const found: Piece[] = [];
  [...points, " "].forEach((point, at) => {
    const last = found.at(-1);
    if (last && last.wrong === wrong[at]) last.text += point;
    else found.push({ text: point, wrong: wrong[at] ?? false });
  });
  return found;
}

export function replaced(text: string, problem: Problem): string {
  const points = Array.from(text);
  return [...points.slice(0, problem.start), problem.suggestion ?? "", ...points.slice(problem.end)].join("");
}

interface TextEditorProps {
  value: string;
  problems: readonly Problem[];
  disabled?: boolean;
  rows?: number;
  onChange: (text: string) => void;
}

/** The formula as text: mistakes are underlined where they stand and listed below with their cure. */
export function TextEditor({ value, problems, disabled = false, rows = 4, onChange }: TextEditorProps) {
  const { t } = useTranslation("expression");
  const say = useSay();
  const area = useRef<TextAreaRef>(null);
  return (
    <div>
      <div className={styles.stack}>
        <div className={styles.marks} aria-hidden="true">
          {pieces(value, problems).map((piece, index) => (piece.wrong ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>))}
        </div>
        <Input.TextArea
          ref={area}
          className={styles.area ?? ""}
          autoSize={{ minRows: rows, maxRows: 18 }}
          spellCheck={false}
          disabled={disabled}
          aria-label={t("textLabel")}
          aria-invalid={problems.length > 0}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      {problems.length > 0 ? (
        <ul className={`t-plain ${styles.problems}`} aria-live="polite">
          {problems.map((problem) => (
            <li key={`${problem.start}${problem.code}`}>
              <span>{say(problem.message)}</span>
              {problem.suggestion !== null ? (
                <Button
                  size="small"
                  type="link"
                  onClick={() => {
                    onChange(replaced(value, problem));
                    area.current?.focus();
                  }}
                >
                  {t("suggest", { text: problem.suggestion })}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
