import { useEffect } from "react";
import type { Editor } from "./useEditor";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest(".ant-select, .ant-modal, .ant-drawer") !== null);
}

/** Keyboard for everything on the canvas. Nothing is taken from a field that is being typed in. */
export function useShortcuts(editor: Editor, enabled: boolean, onSave: () => void): void {
  useEffect(() => {
    if (!enabled) return undefined;
    const onKey = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (command && key === "s") {
        event.preventDefault();
        onSave();
        return;
      }
      if (isTyping(event.target)) return;
      const run = command
        ? { z: event.shiftKey ? editor.redo : editor.undo, y: editor.redo, a: editor.selectAll }[key]
        : { delete: editor.remove, backspace: editor.remove, escape: () => editor.select([]) }[key];
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
  }, [editor, enabled, onSave]);
}
