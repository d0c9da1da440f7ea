import { AlignLeftOutlined, ColumnHeightOutlined, CopyOutlined, DeleteOutlined, VerticalAlignTopOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import type { ReactNode } from "react";
import { aligned, type Alignment } from "@/shared/canvas";
import { useTranslation } from "@/shared/i18n";
import type { Editor } from "./useEditor";
import styles from "./Canvas.module.css";

const WAYS: [Alignment, ReactNode][] = [
  ["left", <AlignLeftOutlined key="left" />],
  ["top", <VerticalAlignTopOutlined key="top" />],
  ["spread", <ColumnHeightOutlined key="spread" />],
];

/** What can be done with several blocks at once. */
export function SelectionBar({ editor }: { editor: Editor }) {
  const { t } = useTranslation("flows");
  if (editor.selected.size < 2) return null;
  return (
    <div className={styles.many} role="toolbar" aria-label={t("many.title")}>
      <span role="status">{t("many.count", { count: editor.selected.size })}</span>
      {WAYS.map(([how, icon]) => (
        <Tooltip key={how} title={t(`many.${how}`)}>
          <Button type="text" icon={icon} aria-label={t(`many.${how}`)} onClick={() => editor.move(aligned(editor.graph, editor.selected, how))} />
        </Tooltip>
      ))}
      <Tooltip title={`${t("panel.duplicate")} Ctrl D`}>
        <Button type="text" icon={<CopyOutlined />} aria-label={t("panel.duplicate")} onClick={editor.duplicate} />
      </Tooltip>
      <Tooltip title={`${t("panel.remove")} Delete`}>
        <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("panel.remove")} onClick={editor.remove} />
      </Tooltip>
    </div>
  );
}
