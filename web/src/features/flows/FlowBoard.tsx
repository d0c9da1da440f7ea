import { useQueryClient } from "@tanstack/react-query";
import { useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { BLOCK_HEIGHT, BLOCK_WIDTH, blockOf, compare, type Block, type Graph, type Kind, type Kinds } from "@/shared/canvas";
import { useDocumentTitle, useLanguage, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { flowKey, useStats, type Flow } from "./api";
import { BlockPanel } from "./editor/BlockPanel";
import { Canvas } from "./editor/Canvas";
import { ConflictBanner } from "./editor/ConflictBanner";
import { titleOf, type Overlay } from "./editor/nodes";
import { openingView } from "./editor/openingView";
import { Palette } from "./editor/Palette";
import { Problems } from "./editor/Problems";
import { PublishDialog } from "./editor/PublishDialog";
import { SettingsDrawer } from "./editor/SettingsDrawer";
import { Toolbar, type Mode } from "./editor/Toolbar";
import { useAutosave } from "./editor/useAutosave";
import { useEditor, type Editor } from "./editor/useEditor";
import { useFlowWork } from "./editor/useFlowWork";
import { useShortcuts } from "./editor/useShortcuts";
import { GoalPanel } from "./live/GoalPanel";
import { PeopleDrawer } from "./live/PeopleDrawer";
import { useNames } from "./useNames";
import styles from "./FlowBoard.module.css";

const MARGIN = 24;

interface People {
  block: string;
  state: "inside" | "failed";
}

/** Where a block lands that was pressed instead of dragged: below what is selected, else in the middle of the view. */
function useAdd(editor: Editor) {
  const { screenToFlowPosition, setCenter, getZoom } = useReactFlow();
  return useCallback(
    (kind: Kind) => {
      const [id] = editor.selected;
      const anchor = editor.selected.size === 1 && id ? blockOf(editor.graph, id) : undefined;
      const middle = screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
      const at = anchor ? { x: anchor.position.x, y: anchor.position.y + BLOCK_HEIGHT + 72 } : middle;
      editor.add(kind, at, { after: anchor?.id ?? null });
      void setCenter(at.x + BLOCK_WIDTH / 2, at.y, { zoom: getZoom(), duration: 200 });
    },
    [editor, screenToFlowPosition, setCenter, getZoom],
  );
}

/** Tidying up moves blocks out of sight; the view follows once they are drawn in their new places. */
function useArrange(editor: Editor): () => void {
  const { getNodes, getNodesBounds, setViewport } = useReactFlow();
  return useCallback(() => {
    editor.arrange();
    setTimeout(() => {
      const board = document.querySelector<HTMLDivElement>(".react-flow");
      void setViewport(openingView(getNodesBounds(getNodes()), board), { duration: 200 });
    }, 60);
  }, [editor, getNodes, getNodesBounds, setViewport]);
}

function useGo(editor: Editor, graph: Graph) {
  const { setCenter } = useReactFlow();
  return useCallback(
    (id: string) => {
      const block = blockOf(graph, id);
      if (!block) return;
      editor.select([id]);
      void setCenter(block.position.x + BLOCK_WIDTH / 2, block.position.y + BLOCK_HEIGHT / 2, { zoom: 1, duration: 250 });
    },
    [editor, graph, setCenter],
  );
}

/** Opening the form takes room at the right: the drawing moves aside just as far as the chosen block would be hidden. */
function useMakeRoom(block: Block | undefined): void {
  const { getViewport, setViewport } = useReactFlow();
  const before = useRef<string | null>(null);
  const id = block?.id ?? null;
  useEffect(() => {
    const opened = before.current === null && block !== undefined;
    before.current = id;
    const board = document.querySelector(".react-flow")?.getBoundingClientRect();
    if (!opened || !board) return;
    const view = getViewport();
    const right = (block.position.x + BLOCK_WIDTH) * view.zoom + view.x;
    const hidden = right + MARGIN - board.width;
    if (hidden > 0) void setViewport({ ...view, x: view.x - hidden });
  }, [id, block, getViewport, setViewport]);
}

function useWatching(flow: Flow, watching: boolean) {
  const client = useQueryClient();
  const stats = useStats(flow.id, watching);
  useLive(watching ? [`flow:${flow.id}`, "clock"] : [], () => void client.invalidateQueries({ queryKey: flowKey(flow.id) }));
  // The flow's own counts are read together with the blocks', so that both sides of the screen agree.
  useEffect(() => {
    if (stats.dataUpdatedAt) void client.invalidateQueries({ queryKey: flowKey(flow.id), exact: true });
  }, [client, flow.id, stats.dataUpdatedAt]);
  return stats;
}

export function FlowBoard({ flow, kinds }: { flow: Flow; kinds: Kinds }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const can = useCan();
  const names = useNames();
  useDocumentTitle(flow.name);
  const [mode, setMode] = useState<Mode>(flow.published && flow.status !== "draft" ? "watch" : "edit");
  const [settings, setSettings] = useState(false);
  const [people, setPeople] = useState<People | null>(null);
  const editor = useEditor(flow.draft, kinds);
  const autosave = useAutosave(flow, editor.graph);
  const work = useFlowWork(flow, editor.graph, kinds, autosave.flush, () => setMode("watch"));
  const editable = mode === "edit" && can("flow.write") && autosave.state !== "conflict";
  const stats = useWatching(flow, mode === "watch");
  const { flush } = autosave;
  useShortcuts(editor, editable && !work.publishing && !settings, useCallback(() => void flush(), [flush]));
  const add = useAdd(editor);
  const arrangeAll = useArrange(editor);
  const go = useGo(editor, editor.graph);

  const watching = mode === "watch";
  const diff = useMemo(() => (watching || !work.published ? null : compare(work.published, editor.graph)), [watching, work.published, editor.graph]);
  const showPeople = useCallback((block: string, state: "inside" | "failed") => setPeople({ block, state }), []);
  const overlay = useMemo<Overlay>(
    () => ({ findings: watching ? [] : work.findings, stats: watching ? (stats.data ?? null) : null, diff, onCount: watching ? showPeople : null }),
    [watching, work.findings, stats.data, diff, showPeople],
  );
  const shown = useMemo(() => (watching && work.published ? { ...editor, graph: work.published } : editor), [watching, work.published, editor]);
  const [only] = editor.selected;
  const block = editor.selected.size === 1 && only ? blockOf(shown.graph, only) : undefined;
  useMakeRoom(watching ? undefined : block);
  const peopleBlock = people ? blockOf(shown.graph, people.block) : undefined;

  return (
    <div className={styles.page}>
      <div className={styles.board} data-panel={block !== undefined && !watching}>
        <div className={styles.tools}>
          <Toolbar flow={flow} mode={mode} onMode={setMode} editor={editor} onArrange={arrangeAll} saving={autosave.state} checking={work.checking} onCheck={work.check} onSettings={() => setSettings(true)} onPublish={work.openPublish} onAction={work.act} />
          {autosave.state === "conflict" ? <ConflictBanner flow={flow} editor={editor} autosave={autosave} /> : null}
        </div>
        <div className={styles.left}>{watching ? <GoalPanel flow={flow} stats={stats.data} /> : <Palette kinds={kinds} onAdd={add} />}</div>
        <div className={styles.middle}>
          <Canvas editor={shown} kinds={kinds} names={names} overlay={overlay} editable={editable} />
        </div>
        {block && !watching ? (
          <aside className={styles.right} aria-label={t("panel.title")}>
            <BlockPanel block={block} kinds={kinds} editor={editor} findings={work.findings.filter((finding) => finding.block === block.id)} editable={editable} />
          </aside>
        ) : null}
        {watching ? null : (
          <div className={styles.problems}>
            <Problems findings={work.findings} graph={editor.graph} kinds={kinds} checked={work.checked} onGo={go} />
          </div>
        )}
      </div>
      {settings ? <SettingsDrawer settings={editor.graph.settings} editable={editable} onChange={editor.settle} onClose={() => setSettings(false)} /> : null}
      {work.publishing ? (
        <PublishDialog flow={flow} published={work.published} draft={editor.graph} findings={work.findings} busy={work.busy} onPublish={work.publish} onClose={work.closePublish} />
      ) : null}
      {people && peopleBlock ? (
        <PeopleDrawer flowId={flow.id} block={people.block} state={people.state} title={titleOf(peopleBlock, kinds, language)} onClose={() => setPeople(null)} />
      ) : null}
    </div>
  );
}
