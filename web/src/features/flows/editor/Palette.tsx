import { SearchOutlined } from "@ant-design/icons";
import { Input, Segmented } from "antd";
import { memo, useCallback, useEffect, useMemo, useRef, useState, type DragEvent, type ReactNode, type SyntheticEvent } from "react";
import type { Kind, Kinds, ServiceModule } from "@/shared/canvas";
import { useSay, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState } from "@/shared/states";
import { GROUPS, iconOf } from "../look";
import { fits, type Subject } from "../subject";
import { groupOf, useModules } from "./useModules";
import { useRoving } from "./useRoving";
import styles from "./Palette.module.css";

export const DRAG_TYPE = "application/x-tandem-kind";
export const MODULE_DRAG_TYPE = "application/x-tandem-module";

interface Props {
  kinds: Kinds;
  /** What the flow is about; null for customers. */
  about: Subject | null;
  onAdd: (kind: Kind) => void;
  onModule: (module: ServiceModule) => void;
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

interface ItemProps<T> {
  of: T;
  name: string;
  help: string;
  icon: ReactNode;
  group: string;
  /** Under which type its id travels while it is dragged. */
  type: string;
  id: string;
  /** Why it is of no use in this flow; "" where it is. */
  unfit: string;
  onAdd: (of: T) => void;
  onShow: (element: HTMLElement, text: string) => void;
  onHide: () => void;
}

function PlainItem<T>({ of, name, help, icon, group, type, id, unfit, onAdd, onShow, onHide }: ItemProps<T>) {
  const onDragStart = (event: DragEvent) => {
    onHide();
    event.dataTransfer.setData(type, id);
    event.dataTransfer.effectAllowed = "copy";
  };
  const show = (event: SyntheticEvent<HTMLElement>) => onShow(event.currentTarget, unfit || help);
  return (
    <button type="button" className={styles.item} data-roving tabIndex={-1} draggable={unfit === ""} data-group={group} aria-describedby={HINT_ID} aria-disabled={unfit !== ""} onDragStart={onDragStart} onPointerEnter={show} onPointerLeave={onHide} onFocus={show} onBlur={onHide} onClick={(event) => (unfit === "" ? onAdd(of) : show(event))}>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <span className={styles.name}>{name}</span>
    </button>
  );
}

const Item = memo(PlainItem) as typeof PlainItem;

export function matches(kind: Kind, wanted: string): boolean {
  const text = [kind.label.zh, kind.label.en, kind.help.zh, kind.help.en, kind.kind].join(" ").toLowerCase();
  return text.includes(wanted.toLowerCase().trim());
}

function matchesModule(module: ServiceModule, wanted: string): boolean {
  return [module.name.zh, module.name.en, module.about.zh, module.about.en].join(" ").toLowerCase().includes(wanted.toLowerCase().trim());
}

type Shelf = "blocks" | "modules";

/** All kinds of block by group, and the service modules that lie ready. Drag one onto the canvas, or press it to put it after what is selected. */
export function Palette({ kinds, about, onAdd, onModule }: Props) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const [wanted, setWanted] = useState("");
  const [shelf, setShelf] = useState<Shelf>("blocks");
  const { hint, show, hide } = useHint();
  const list = useRef<HTMLDivElement>(null);
  const roving = useRoving(list);
  const searching = wanted.trim() !== "";
  const modules = useModules(kinds, shelf === "modules" || searching);
  const shown = useMemo(() => (shelf === "blocks" || searching ? [...kinds.values()].filter((kind) => matches(kind, wanted)) : []), [kinds, wanted, shelf, searching]);
  const ready = shelf === "modules" || searching ? modules.items.filter((module) => matchesModule(module, wanted)) : [];
  return (
    <nav className={styles.palette} aria-label={t("palette.title")}>
      <Input allowClear prefix={<SearchOutlined />} placeholder={t("palette.search")} aria-label={t("palette.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} onKeyDown={(event) => (event.key === "ArrowDown" ? roving.enter() : undefined)} />
      {searching ? null : <Segmented<Shelf> block className={styles.shelf ?? ""} aria-label={t("palette.shelf")} value={shelf} onChange={setShelf} options={[{ value: "blocks", label: t("palette.blocks") }, { value: "modules", label: t("palette.modules") }]} />}
      {/* One stop of Tab for the whole palette; its entries are reached by arrows, which the list hears for all of them. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div ref={list} className={styles.scroll} role="group" aria-label={t("palette.list")} onScroll={hide} onKeyDown={roving.onKeyDown} onFocus={roving.onFocus}>
        {GROUPS.map((group) => {
          const items = shown.filter((kind) => kind.group === group);
          return items.length === 0 ? null : (
            <section key={group} aria-label={t(`group.${group}`)}>
              <h3 className={styles.heading}>{t(`group.${group}`)}</h3>
              {items.map((kind) => (
                <Item key={kind.kind} of={kind} name={say(kind.label)} help={say(kind.help)} icon={iconOf(kind.kind, kind.icon, kind.group)} group={kind.group} type={DRAG_TYPE} id={kind.kind} unfit={fits(kind, about) || !about ? "" : t(kind.role === "start" ? "palette.startUnfit" : "palette.unfit", { subject: say(about.label) })} onAdd={onAdd} onShow={show} onHide={hide} />
              ))}
            </section>
          );
        })}
        {ready.length > 0 ? (
          <section aria-label={t("palette.modules")}>
            {searching ? <h3 className={styles.heading}>{t("palette.modules")}</h3> : <p className={styles.lead}>{t("palette.modulesLead")}</p>}
            {ready.map((module) => (
              <Item key={module.id} of={module} name={say(module.name)} help={`${say(module.about)} ${t("palette.moduleBlocks", { count: module.blocks.length })}`} icon={iconOf(module.id, "", groupOf(module, kinds))} group={groupOf(module, kinds)} type={MODULE_DRAG_TYPE} id={module.id} unfit="" onAdd={onModule} onShow={show} onHide={hide} />
            ))}
          </section>
        ) : null}
        {shelf === "modules" && modules.pending ? <LoadingState rows={6} /> : null}
        {shelf === "modules" && modules.error ? <ErrorState compact error={modules.error} onRetry={modules.again} /> : null}
        {shown.length + ready.length === 0 && (shelf === "blocks" || !modules.pending) ? <p className={styles.none}>{t("palette.none")}</p> : null}
      </div>
      {hint ? (
        <div role="tooltip" id={HINT_ID} className={styles.hint} style={{ top: hint.top, left: hint.left }}>
          {hint.text}
        </div>
      ) : null}
    </nav>
  );
}
