import { SearchOutlined } from "@ant-design/icons";
import { Input, Tooltip } from "antd";
import { useMemo, useState, type DragEvent } from "react";
import type { Kind, Kinds } from "@/shared/canvas";
import { useSay, useTranslation } from "@/shared/i18n";
import { GROUPS, iconOf } from "../look";
import styles from "./Palette.module.css";

export const DRAG_TYPE = "application/x-tandem-kind";

interface Props {
  kinds: Kinds;
  onAdd: (kind: Kind) => void;
}

function Item({ kind, onAdd }: { kind: Kind; onAdd: (kind: Kind) => void }) {
  const say = useSay();
  const onDragStart = (event: DragEvent) => {
    event.dataTransfer.setData(DRAG_TYPE, kind.kind);
    event.dataTransfer.effectAllowed = "copy";
  };
  return (
    <Tooltip title={say(kind.help)} placement="right" mouseEnterDelay={0.5}>
      <button type="button" className={styles.item} draggable data-group={kind.group} onDragStart={onDragStart} onClick={() => onAdd(kind)}>
        <span className={styles.icon} aria-hidden>
          {iconOf(kind.kind, kind.icon, kind.group)}
        </span>
        {say(kind.label)}
      </button>
    </Tooltip>
  );
}

export function matches(kind: Kind, wanted: string): boolean {
  const text = [kind.label.zh, kind.label.en, kind.help.zh, kind.help.en, kind.kind].join(" ").toLowerCase();
  return text.includes(wanted.toLowerCase().trim());
}

/** All kinds of block by group. Drag one onto the canvas, or press it to put it after what is selected. */
export function Palette({ kinds, onAdd }: Props) {
  const { t } = useTranslation("flows");
  const [wanted, setWanted] = useState("");
  const shown = useMemo(() => [...kinds.values()].filter((kind) => matches(kind, wanted)), [kinds, wanted]);
  return (
    <nav className={styles.palette} aria-label={t("palette.title")}>
      <Input allowClear prefix={<SearchOutlined />} placeholder={t("palette.search")} aria-label={t("palette.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      <div className={styles.scroll}>
        {GROUPS.map((group) => {
          const items = shown.filter((kind) => kind.group === group);
          return items.length === 0 ? null : (
            <section key={group} aria-label={t(`group.${group}`)}>
              <h3 className={styles.heading}>{t(`group.${group}`)}</h3>
              {items.map((kind) => (
                <Item key={kind.kind} kind={kind} onAdd={onAdd} />
              ))}
            </section>
          );
        })}
        {shown.length === 0 ? <p className={styles.none}>{t("palette.none")}</p> : null}
      </div>
    </nav>
  );
}
