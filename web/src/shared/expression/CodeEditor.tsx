import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, pickedCompletion, type Completion as Offered, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder as hint } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Language, Words } from "@/shared/i18n";
import type { CatalogAnswer, Names } from "./catalog";
import type { Problem } from "./check";
import { completionsAt, matching, type Choice } from "./complete";
import { placeIn } from "./places";
import { formulaTokens } from "./tokens";
import styles from "./TextEditor.module.css";

const COLOURS = HighlightStyle.define([
  { tag: tags.string, color: "var(--t-success)" },
  { tag: tags.number, color: "var(--t-info, var(--t-primary-text))" },
  { tag: tags.keyword, color: "var(--t-primary-text)", fontWeight: "600" },
  { tag: tags.operatorKeyword, color: "var(--t-ink-soft)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "var(--t-primary-text)" },
  { tag: tags.variableName, color: "var(--t-ink)" },
  { tag: tags.operator, color: "var(--t-ink-soft)" },
]);
const LANGUAGE = StreamLanguage.define({ ...formulaTokens, tokenTable: { function: tags.function(tags.variableName) } });
const ICONS: Record<Choice["kind"], string> = { field: "property", function: "function", set: "class", aggregate: "method", value: "constant", word: "keyword" };

export interface CodeEditorProps {
  value: string;
  problems: readonly Problem[];
  label: string;
  placeholder: string;
  disabled: boolean;
  names: Names;
  catalog: CatalogAnswer;
  language: Language;
  say: (words: Words) => string;
  suggest: (text: string) => string;
  onChange: (text: string) => void;
}

function offered(choice: Choice): Offered {
  return {
    label: choice.text,
    detail: choice.label,
    type: ICONS[choice.kind],
    ...(choice.info ? { info: choice.info } : {}),
    apply: (view, completion, from, to) => {
      const anchor = from + choice.text.length - (choice.back ?? 0);
      view.dispatch({ changes: { from, to, insert: choice.text }, selection: { anchor }, annotations: pickedCompletion.of(completion), scrollIntoView: true });
    },
  };
}

/** The formula in an editor that knows the language: names are offered while one types, mistakes are underlined with their cure. */
export default function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef(props);
  const writable = useRef(new Compartment());
  useEffect(() => {
    now.current = props;
  });

  useEffect(() => {
    if (!host.current) return;
    const complete = (context: CompletionContext): CompletionResult | null => {
      const { names, catalog, language } = now.current;
      const text = context.state.doc.toString();
      const found = completionsAt(text, context.pos, names, catalog, language);
      if (!found || (!context.explicit && found.from === context.pos && !/[(=[]\s*$/.test(text.slice(0, context.pos)))) return null;
      return { from: found.from, options: matching(found.choices, text.slice(found.from, context.pos)).map(offered), filter: false };
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          history(),
          LANGUAGE,
          syntaxHighlighting(COLOURS),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete], icons: false, maxRenderedOptions: 60 }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": now.current.label, spellcheck: "false", autocapitalize: "off" }),
          hint(now.current.placeholder),
          writable.current.of([EditorState.readOnly.of(now.current.disabled), EditorView.editable.of(!now.current.disabled)]),
          EditorView.updateListener.of((update) => {
            const text = update.state.doc.toString();
            if (update.docChanged && text !== now.current.value) now.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  const { value, problems, disabled, say, suggest } = props;
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: writable.current.reconfigure([EditorState.readOnly.of(disabled), EditorView.editable.of(!disabled)]) });
  }, [disabled]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const text = editor.state.doc.toString();
    const found = problems.map((problem): Diagnostic => {
      const [from, to] = placeIn(text, problem);
      const cure = problem.suggestion;
      const actions = cure === null ? {} : { actions: [{ name: suggest(cure), apply: (at: EditorView, start: number, end: number) => at.dispatch({ changes: { from: start, to: end, insert: cure } }) }] };
      return { from, to, severity: "error", message: say(problem.message), ...actions };
    });
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems, value, say, suggest]);

  return <div ref={host} className={styles.code ?? ""} data-disabled={disabled || undefined} />;
}
