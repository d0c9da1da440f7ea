import { CloseOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, type InputRef } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Graph, Kinds } from "@/shared/canvas";
import { say, useLanguage, useTranslation } from "@/shared/i18n";
import { titleOf } from "./nodes";
import { focusRegion } from "./useRegions";
import styles from "./Canvas.module.css";

interface Props {
  graph: Graph;
  kinds: Kinds;
  onGo: (block: string) => void;
  onClose: () => void;
}

/** Finds a block by its name, its kind or its note; Enter goes from one hit to the next. */
export function FindBlock({ graph, kinds, onGo, onClose }: Props) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const input = useRef<InputRef>(null);
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    if (text === "") return [];
    const told = (id: string) => {
      const kind = kinds.get(id);
      return kind ? say(kind.label, language) : id;
    };
    return graph.blocks.filter((block) => [titleOf(block, kinds, language), told(block.kind), block.note ?? ""].join(" ").toLowerCase().includes(text));
  }, [graph, kinds, language, wanted]);
  useEffect(() => input.current?.focus(), []);
  const go = (next: number) => {
    const block = found[(next + found.length) % Math.max(found.length, 1)];
    if (!block) return;
    setAt((next + found.length) % found.length);
    onGo(block.id);
  };
  return (
    <div className={styles.find} role="search">
      <Input
        ref={input}
        prefix={<SearchOutlined />}
        aria-label={t("find.label")}
        placeholder={t("find.label")}
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value);
          setAt(-1);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.nativeEvent.isComposing) go(event.shiftKey ? at - 1 : at + 1);
          if (event.key !== "Escape") return;
          // Whoever works without a pointer goes on where the search has led.
          focusRegion("canvas");
          onClose();
        }}
      />
      <span className={styles.hits} role="status">
        {wanted.trim() === "" ? "" : t("find.hits", { at: found.length === 0 ? 0 : Math.max(at, 0) + 1, n: found.length })}
      </span>
      <Button type="text" icon={<CloseOutlined />} aria-label={t("find.close")} onClick={onClose} />
    </div>
  );
}
