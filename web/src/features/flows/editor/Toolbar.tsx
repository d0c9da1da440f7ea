import { AlignCenterOutlined, ArrowLeftOutlined, BorderOuterOutlined, CheckOutlined, FormOutlined, HistoryOutlined, MoreOutlined, QuestionOutlined, RedoOutlined, SearchOutlined, SettingOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented, Space, Tooltip, type MenuProps } from "antd";
import { Link } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import type { Action, Flow } from "../api";
import type { Person } from "../life/api";
import { Company } from "../life/Company";
import { StatusTag } from "../StatusTag";
import { wording } from "../subject";
import { SteerMenu } from "../steer/SteerMenu";
import { useSteerItems } from "../steer/useSteerItems";
import type { SaveState } from "./useAutosave";
import type { Editor } from "./useEditor";
import styles from "./Toolbar.module.css";

export type Mode = "edit" | "watch";

interface Props {
  flow: Flow;
  mode: Mode;
  onMode: (mode: Mode) => void;
  editor: Editor;
  onArrange: () => void;
  saving: SaveState;
  checking: boolean;
  onCheck: () => void;
  onSettings: () => void;
  onFind: () => void;
  onKeys: () => void;
  onPublish: () => void;
  onAction: (action: Action) => void;
  onVersions: () => void;
  onExport: () => void;
  onPicture: () => void;
  onSticky: () => void;
  onFrame: () => void;
  others: readonly Person[];
}

function EditTools({ editor, onArrange, checking, onCheck, onSettings, onFind, onKeys, onSticky, onFrame }: Pick<Props, "editor" | "onArrange" | "checking" | "onCheck" | "onSettings" | "onFind" | "onKeys" | "onSticky" | "onFrame">) {
  const { t } = useTranslation("flows");
  return (
    <Space size={0}>
      <Tooltip title={`${t("tool.undo")} Ctrl Z`}>
        <Button type="text" icon={<UndoOutlined />} aria-label={t("tool.undo")} disabled={!editor.canUndo} onClick={editor.undo} />
      </Tooltip>
      <Tooltip title={`${t("tool.redo")} Ctrl Shift Z`}>
        <Button type="text" icon={<RedoOutlined />} aria-label={t("tool.redo")} disabled={!editor.canRedo} onClick={editor.redo} />
      </Tooltip>
      <Tooltip title={`${t("find.label")} Ctrl F`}>
        <Button type="text" icon={<SearchOutlined />} aria-label={t("find.label")} onClick={onFind} />
      </Tooltip>
      <Tooltip title={t("extra.addSticky")}>
        <Button type="text" icon={<FormOutlined />} aria-label={t("extra.addSticky")} onClick={onSticky} />
      </Tooltip>
      <Tooltip title={t("extra.addFrame")}>
        <Button type="text" icon={<BorderOuterOutlined />} aria-label={t("extra.addFrame")} onClick={onFrame} />
      </Tooltip>
      <Tooltip title={`${t("keys.title")} ?`}>
        <Button type="text" icon={<QuestionOutlined />} aria-label={t("keys.title")} onClick={onKeys} />
      </Tooltip>
      <Tooltip title={`${t("tool.arrange")} T`}>
        <Button type="text" icon={<AlignCenterOutlined />} aria-label={t("tool.arrange")} onClick={onArrange} />
      </Tooltip>
      <Tooltip title={t("tool.settings")}>
        <Button type="text" icon={<SettingOutlined />} aria-label={t("tool.settings")} onClick={onSettings} />
      </Tooltip>
      <Button type="text" icon={<CheckOutlined />} loading={checking} onClick={onCheck}>
        {t("tool.check")}
      </Button>
    </Space>
  );
}

function actionsFor(flow: Flow): Action[] {
  if (flow.status === "running") return ["pause", "drain", "stop"];
  if (flow.status === "draining") return ["resume", "stop"];
  return flow.status === "paused" ? ["resume", "drain", "stop"] : [];
}

/** Everything one does with the flow as a whole. One action is primary: publishing. */
export function Toolbar({ flow, mode, onMode, editor, onArrange, saving, checking, onCheck, onSettings, onFind, onKeys, onPublish, onAction, onVersions, onExport, onPicture, onSticky, onFrame, others }: Props) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const acts = can("flow.publish") ? actionsFor(flow) : [];
  const steer = useSteerItems(flow.id);
  const items: MenuProps["items"] = [
    ...steer,
    { type: "divider" },
    ...acts.map((action) => ({ key: action, label: t(`action.${action}`), danger: action === "stop", onClick: () => onAction(action) })),
    ...(acts.length > 0 ? [{ type: "divider" as const }] : []),
    { key: "export", label: t("action.export"), onClick: onExport },
    { key: "picture", label: t("action.picture"), onClick: onPicture },
  ];
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("tool.title")}>
      <Link to="/flows" className={styles.back} aria-label={t("tool.back")}>
        <ArrowLeftOutlined />
      </Link>
      <h1 className={styles.name} title={flow.name}>
        {flow.name}
      </h1>
      <StatusTag status={flow.status} />
      <Segmented<Mode>
        value={mode}
        onChange={onMode}
        options={[
          { value: "edit", label: t("mode.edit") },
          { value: "watch", label: t("mode.watch"), disabled: !flow.published },
        ]}
      />
      {mode === "edit" && can("flow.write") ? (
        <>
          <EditTools editor={editor} onArrange={onArrange} checking={checking} onCheck={onCheck} onSettings={onSettings} onFind={onFind} onKeys={onKeys} onSticky={onSticky} onFrame={onFrame} />
          <span className={styles.saved} data-state={saving} role="status" title={t(`save.${saving}`)}>
            {t(`save.${saving}`)}
          </span>
        </>
      ) : null}
      {mode === "watch" ? <SteerMenu flowId={flow.id} /> : null}
      <span className={styles.gap} />
      <Company people={others} />
      <Tooltip title={t("versions.title")}>
        <Button icon={<HistoryOutlined />} aria-label={t("versions.title")} onClick={onVersions} />
      </Tooltip>
      <Dropdown menu={{ items }} trigger={["click"]}>
        <Button icon={<MoreOutlined />} aria-label={t("tool.more")} />
      </Dropdown>
      {can("flow.publish") ? (
        <Button type="primary" onClick={onPublish} disabled={editor.graph.blocks.length === 0}>
          {t(flow.published ? "action.publishAgain" : "action.publish", wording(flow.draft.settings))}
        </Button>
      ) : null}
    </div>
  );
}
