import { useEffect, useRef } from "react";
import { besides } from "@/shared/canvas";
import { focusBlock } from "./useBoard";
import type { Editor } from "./useEditor";
import { focusRegion } from "./useRegions";

/** A switch, a choice or a tick takes no letters. */
const PRESSED = new Set(["radio", "checkbox", "button"]);

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && PRESSED.has(target.type) && target.closest(".ant-modal, .ant-drawer") === null) return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest(".ant-select, .ant-modal, .ant-drawer") !== null);
}

/** What the keyboard reaches beside the editor's own actions. */
export interface Reach {
  save: () => void;
  find: () => void;
  add: () => void;
  arrange: () => void;
  fit: () => void;
  help: () => void;
  check: () => void;
  publish: () => void;
  settings: () => void;
  versions: () => void;
}

/** Pressing Enter on the block that is selected already goes on into its form. */
function enterForm(event: KeyboardEvent, selected: ReadonlySet<string>): boolean {
  const node = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".react-flow__node") : null;
  if (event.key !== "Enter" || !node || event.target !== node || selected.size !== 1 || !selected.has(node.dataset.id ?? "")) return false;
  const first = document.querySelector<HTMLElement>("[data-block-form] input") ?? document.querySelector<HTMLElement>("[data-block-form] button");
  first?.focus();
  event.preventDefault();
  return true;
}

/** The focus would fall out of the canvas together with the block it stood on. */
function removeAndStay(editor: Editor): void {
  if (editor.selected.size === 0) return;
  const next = besides(editor.graph, editor.selected);
  editor.remove();
  if (next) focusBlock(next);
}

/** Leaving a form leads back to its block, which stays selected. */
function leave(editor: Editor, target: EventTarget | null): void {
  if (!(target instanceof HTMLElement && target.closest("[data-block-form]"))) editor.select([]);
}

/** Keyboard for everything on the canvas. Nothing is taken from a field that is being typed in. */
export function useShortcuts(editor: Editor, enabled: boolean, reach: Reach): void {
  const now = useRef(editor.selected);
  const before = useRef(editor.selected);
  useEffect(() => {
    now.current = editor.selected;
  }, [editor.selected]);
  // A press may select a block on its way up to the window; what counts there is how it was when the key went down.
  useEffect(() => {
    const onPress = () => {
      before.current = now.current;
    };
    window.addEventListener("keydown", onPress, true);
    return () => window.removeEventListener("keydown", onPress, true);
  }, []);
  useEffect(() => {
    if (!enabled) return undefined;
    const onKey = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const anywhere = command ? { s: reach.save, f: reach.find }[key] : undefined;
      if (anywhere) {
        event.preventDefault();
        anywhere();
        return;
      }
      if (isTyping(event.target) || event.altKey || event.isComposing || enterForm(event, before.current)) return;
      const run = command
        ? { z: event.shiftKey ? editor.redo : editor.undo, y: editor.redo, a: editor.selectAll, d: editor.duplicate }[key]
        : { delete: () => removeAndStay(editor), backspace: () => removeAndStay(editor), escape: () => leave(editor, event.target), n: reach.add, t: reach.arrange, f: reach.fit, "?": reach.help, "/": () => focusRegion("palette"), e: () => focusRegion("problems"), c: reach.check, p: reach.publish, s: reach.settings, v: reach.versions }[key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    const onCopy = (event: ClipboardEvent) => {
      const text = isTyping(event.target) ? null : editor.copied();
      if (!text || !event.clipboardData) return;
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut") editor.remove();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (!isTyping(event.target)) editor.paste(event.clipboardData?.getData("text/plain") ?? "");
    };
    window.addEventListener("keydown", onKey);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [editor, enabled, reach]);
}
