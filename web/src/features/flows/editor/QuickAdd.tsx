import { Input, type InputRef } from "antd";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { createPortal } from "react-dom";
import type { Kind, Kinds } from "@/shared/canvas";
import { useSay, useTranslation } from "@/shared/i18n";
import { GROUPS, iconOf } from "../look";
import { matches } from "./Palette";
import styles from "./QuickAdd.module.css";

interface Props {
  kinds: Kinds;
  /** Where in the window; the list keeps inside it. */
  at: { x: number; y: number };
  /** What it is for, in words: "after “Send coupon”". */
  title: string;
  wanted?: string;
  allowed: (kind: Kind) => boolean;
  onPick: (kind: Kind) => void;
  onClose: () => void;
}

const WIDTH = 300;
const HEIGHT = 380;
const MARGIN = 12;

/** By group. What is called so goes before what only mentions it in its description. */
function inOrder(kinds: Kinds, allowed: (kind: Kind) => boolean, wanted: string): Kind[] {
  const fitting = [...kinds.values()].filter((kind) => allowed(kind) && matches(kind, wanted));
  const text = wanted.trim().toLowerCase();
  const called = fitting.filter((kind) => `${kind.label.zh} ${kind.label.en}`.toLowerCase().includes(text));
  const found = called.length > 0 ? called : fitting;
  return GROUPS.flatMap((group) => found.filter((kind) => kind.group === group));
}

/** A palette at the pointer: type, arrow keys, Enter. It closes on Escape or when something else is pressed. */
export function QuickAdd({ kinds, at, title, wanted: first = "", allowed, onPick, onClose }: Props) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<InputRef>(null);
  const [wanted, setWanted] = useState(first);
  const [marked, setMarked] = useState(0);
  const shown = useMemo(() => inOrder(kinds, allowed, wanted), [kinds, allowed, wanted]);
  const current = shown[Math.min(marked, shown.length - 1)];

  useEffect(() => {
    input.current?.focus();
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onClose();
    };
    window.addEventListener("pointerdown", away, true);
    return () => window.removeEventListener("pointerdown", away, true);
  }, [onClose]);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setMarked((Math.min(marked, shown.length - 1) + step + shown.length) % Math.max(shown.length, 1));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing && current) onPick(current);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
  };
  const left = Math.max(MARGIN, Math.min(at.x, window.innerWidth - WIDTH - MARGIN));
  const top = Math.max(MARGIN, Math.min(at.y, window.innerHeight - HEIGHT - MARGIN));
  return createPortal(
    <div ref={box} className={styles.box} style={{ left, top, width: WIDTH, maxHeight: HEIGHT }} role="dialog" aria-label={title}>
      <p className={styles.title}>{title}</p>
      <Input
        ref={input}
        role="combobox"
        aria-label={t("palette.search")}
        aria-expanded
        aria-controls={id}
        aria-activedescendant={current ? `${id}-${current.kind}` : undefined}
        placeholder={t("palette.search")}
        value={wanted}
        onKeyDown={onKey}
        onChange={(event) => {
          setWanted(event.target.value);
          setMarked(0);
        }}
      />
      <div id={id} role="listbox" aria-label={title} className={styles.list}>
        {GROUPS.map((group) => {
          const items = shown.filter((kind) => kind.group === group);
          return items.length === 0 ? null : (
            <div key={group} role="group" aria-label={t(`group.${group}`)}>
              <div className={styles.heading}>{t(`group.${group}`)}</div>
              {items.map((kind) => (
                // The keyboard stays in the search field, which moves the mark and picks.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                <div key={kind.kind} id={`${id}-${kind.kind}`} role="option" tabIndex={-1} aria-selected={kind === current} data-group={kind.group} className={styles.item} onClick={() => onPick(kind)}>
                  <span className={styles.icon} aria-hidden>
                    {iconOf(kind.kind, kind.icon, kind.group)}
                  </span>
                  {say(kind.label)}
                </div>
              ))}
            </div>
          );
        })}
        {shown.length === 0 ? <p className={styles.none}>{t("palette.none")}</p> : null}
      </div>
    </div>,
    document.body,
  );
}
