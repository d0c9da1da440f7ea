import { Select } from "antd";
import { useMemo } from "react";
import { connectable, JUMP, portsOf, type Block, type Graph, type Kind, type Kinds } from "@/shared/canvas";
import { say, useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { GROUPS } from "../look";
import { useNames } from "../useNames";
import { titleOf } from "./nodes";
import { summaryOf } from "./summary";
import { wantedBelow } from "./useBoard";
import type { Wanted } from "./useConnecting";
import type { Editor } from "./useEditor";
import styles from "./BlockPanel.module.css";

interface Props {
  block: Block;
  kind: Kind;
  kinds: Kinds;
  editor: Editor;
  editable: boolean;
  onWanted: (wanted: Wanted) => void;
}

const NEW = "+new";
const NOWHERE = "";

interface Choice {
  value: string;
  label: string;
  find: string;
}

/** What a block may lead to, by group; two blocks of one name are told apart by what they do. */
function useTargets(block: Block, graph: Graph, kinds: Kinds): { label: string; options: Choice[] }[] {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const names = useNames();
  return useMemo(() => {
    const targets = connectable(graph, block.id, kinds).map((one) => {
      const kind = kinds.get(one.kind);
      const told = kind ? summaryOf(kind, one.config, names, language) : "";
      return { one, group: kind?.group ?? "flow", title: titleOf(one, kinds, language), kindName: kind ? say(kind.label, language) : one.kind, told };
    });
    const times = new Map<string, number>();
    for (const { title } of targets) times.set(title, (times.get(title) ?? 0) + 1);
    return GROUPS.flatMap((group) => {
      const own = targets.filter((target) => target.group === group);
      if (own.length === 0) return [];
      const options = own.map(({ one, title, kindName, told }) => ({
        value: one.id,
        label: (times.get(title) ?? 0) > 1 ? `${title} · ${told === "" ? one.id : told}` : title,
        find: `${title} ${kindName} ${told}`.toLowerCase(),
      }));
      return [{ label: t(`group.${group}`), options }];
    });
  }, [block.id, graph, kinds, names, language, t]);
}

/** Beside the drag: where each way leads, from the keyboard as well, and new blocks right there. */
export function Ways({ block, kind, kinds, editor, editable, onWanted }: Props) {
  const { t } = useTranslation("flows");
  const told = useSay();
  const ports = portsOf(kind, block.config);
  const targets = useTargets(block, editor.graph, kinds);
  // A jump says where it leads in its form.
  if (ports.length === 0 || block.kind === JUMP) return null;
  const choose = (port: string, value: string, search: string) => {
    const arrow = editor.graph.arrows.find((one) => one.from === block.id && one.port === port);
    if (value === NEW) {
      const place = document.activeElement?.closest(".ant-select")?.getBoundingClientRect();
      onWanted(wantedBelow(editor.graph, kinds, block, port, { x: place?.left ?? window.innerWidth / 2, y: place?.bottom ?? 200 }, search));
    } else if (value !== NOWHERE) editor.connect({ from: block.id, port, to: value });
    else if (arrow) editor.disconnect(arrow);
  };
  return (
    <section>
      <h3 className={styles.heading}>{t("panel.ways")}</h3>
      {ports.map((port) => (
        <Way
          key={port.name}
          label={told(port.label)}
          nowhere={t(port.optional ? "panel.leaves" : "panel.open")}
          open={!port.optional}
          to={editor.graph.arrows.find((one) => one.from === block.id && one.port === port.name)?.to ?? NOWHERE}
          targets={targets}
          disabled={!editable}
          onChoose={(value, search) => choose(port.name, value, search)}
        />
      ))}
    </section>
  );
}

interface WayProps {
  label: string;
  nowhere: string;
  /** Leading nowhere is no answer for this way. */
  open: boolean;
  to: string;
  targets: { label: string; options: Choice[] }[];
  disabled: boolean;
  onChoose: (value: string, search: string) => void;
}

function Way({ label, nowhere, open, to, targets, disabled, onChoose }: WayProps) {
  const { t } = useTranslation("flows");
  const typed = { current: "" };
  const options = [{ label: t("panel.noBlock"), options: [{ value: NOWHERE, label: nowhere, find: "" }] }, ...targets, { label: t("panel.other"), options: [{ value: NEW, label: t("panel.newBlock"), find: NEW }] }];
  return (
    <div className={styles.way}>
      <span title={label}>{label}</span>
      <Select<string, Choice>
        aria-label={label}
        disabled={disabled}
        status={to === NOWHERE && open ? "warning" : ""}
        value={to}
        options={options as unknown as Choice[]}
        popupMatchSelectWidth={240}
        listHeight={320}
        showSearch={{
          onSearch: (text) => {
            typed.current = text;
          },
          // A new block can be had whatever was typed; what was typed is looked for among the kinds then.
          filterOption: (text, option) => option?.find === NEW || (option?.find ?? "").includes(text.trim().toLowerCase()),
        }}
        onChange={(value) => onChoose(value, typed.current)}
      />
    </div>
  );
}
