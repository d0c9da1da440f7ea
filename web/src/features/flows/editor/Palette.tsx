import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { memo, useCallback, useEffect, useMemo, useRef, useState, type DragEvent, type SyntheticEvent } from "react";
import type { Kind, Kinds } from "@/shared/canvas";
import { useSay, useTranslation } from "@/shared/i18n";
import { GROUPS, iconOf } from "../look";
import styles from "./Palette.module.css";

export const DRAG_TYPE = "application/x-tandem-kind";

interface Props {
  kinds: Kinds;
  onAdd: (kind: Kind) => void;
}

/** What a kind does, told beside its entry: one hint for the whole palette, since one for each of fifty kinds costs the opening of the page. */
interface Hint {
  text: string;
  top: number;
  left: number;
}

const HINT_MS = 400;
const HINT_ID = "palette-hint";

function useHint() {
  const [hint, setHint] = useState<Hint | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    setHint(null);
  }, []);
  const show = useCallback((element: HTMLElement, text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const place = element.getBoundingClientRect();
      setHint({ text, top: place.top, left: place.right + 8 });
    }, HINT_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { hint, show, hide };
}

interface ItemProps {
  kind: Kind;
  onAdd: (kind: Kind) => void;
  onShow: (element: HTMLElement, text: string) => void;
  onHide: () => void;
}

const Item = memo(function Item({ kind, onAdd, onShow, onHide }: ItemProps) {
  const say = useSay();
  const onDragStart = (event: DragEvent) => {
    onHide();
    event.dataTransfer.setData(DRAG_TYPE, kind.kind);
    event.dataTransfer.effectAllowed = "copy";
  };
  const show = (event: SyntheticEvent<HTMLElement>) => onShow(event.currentTarget, say(kind.help));
  return (
    <button
      type="button"
      className={styles.item}
      draggable
      data-group={kind.group}
      aria-describedby={HINT_ID}
      onDragStart={onDragStart}
      onPointerEnter={show}
      onPointerLeave={onHide}
      onFocus={show}
      onBlur={onHide}
      onClick={() => onAdd(kind)}
    >
      <span className={styles.icon} aria-hidden>
        {iconOf(kind.kind, kind.icon, kind.group)}
      </span>
      {say(kind.label)}
    </button>
  );
});

export function matches(kind: Kind, wanted: string): boolean {
  const text = [kind.label.zh, kind.label.en, kind.help.zh, kind.help.en, kind.kind].join(" ").toLowerCase();
  return text.includes(wanted.toLowerCase().trim());
}

/** All kinds of block by group. Drag one onto the canvas, or press it to put it after what is selected. */
export function Palette({ kinds, onAdd }: Props) {
  const { t } = useTranslation("flows");
  const [wanted, setWanted] = useState("");
  const { hint, show, hide } = useHint();
  const shown = useMemo(() => [...kinds.values()].filter((kind) => matches(kind, wanted)), [kinds, wanted]);
  return (
    <nav className={styles.palette} aria-label={t("palette.title")}>
      <Input allowClear prefix={<SearchOutlined />} placeholder={t("palette.search")} aria-label={t("palette.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      <div className={styles.scroll} onScroll={hide}>
        {GROUPS.map((group) => {
          const items = shown.filter((kind) => kind.group === group);
          return items.length === 0 ? null : (
            <section key={group} aria-label={t(`group.${group}`)}>
              <h3 className={styles.heading}>{t(`group.${group}`)}</h3>
              {items.map((kind) => (
                <Item key={kind.kind} kind={kind} onAdd={onAdd} onShow={show} onHide={hide} />
              ))}
            </section>
          );
        })}
        {shown.length === 0 ? <p className={styles.none}>{t("palette.none")}</p> : null}
      </div>
      {hint ? (
        <div role="tooltip" id={HINT_ID} className={styles.hint} style={{ top: hint.top, left: hint.left }}>
          {hint.text}
        </div>
      ) : null}
    </nav>
  );
}
