import { useQueryClient } from "@tanstack/react-query";
import { useReactFlow } from "@xyflow/react";
import { useCallback, useDeferredValue, useEffect, useMemo, useState, type KeyboardEvent } from "react";
import { blockOf, compare, union, type Kinds } from "@/shared/canvas";
import { useLocation } from "react-router";
import { useDocumentTitle, useLanguage, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { flowKey, useStats, type Flow } from "./api";
import { AskedBlock } from "./editor/AskedBlock";
import { BlockPanel } from "./editor/BlockPanel";
import { Canvas } from "./editor/Canvas";
import { ConflictBanner } from "./editor/ConflictBanner";
import { FindBlock } from "./editor/FindBlock";
import { KeysDialog } from "./editor/KeysDialog";
import { titleOf, type Overlay } from "./editor/nodes";
import { Palette } from "./editor/Palette";
import { Problems } from "./editor/Problems";
import { PublishDialog } from "./editor/PublishDialog";
import { SelectionBar } from "./editor/SelectionBar";
import { SettingsDrawer } from "./editor/SettingsDrawer";
import { Toolbar, type Mode } from "./editor/Toolbar";
import { useAutosave } from "./editor/useAutosave";
import { focusBlock, useAdd, useArrange, useDrawn, useGo, useMakeRoom, useShowChanges, wantedBelow } from "./editor/useBoard";
import type { Wanted } from "./editor/useConnecting";
import { useEditor, type Editor } from "./editor/useEditor";
import { useFlowWork } from "./editor/useFlowWork";
import { useMending } from "./editor/useMending";
import { useRegions } from "./editor/useRegions";
import { useShortcuts, type Reach } from "./editor/useShortcuts";
import { ApprovalBanner } from "./life/ApprovalBanner";
import { ComparePanel } from "./life/ComparePanel";
import { useHere } from "./life/useHere";
import { useAskedDrawing, useLife } from "./life/useLife";
import { usePicture } from "./life/usePicture";
import { VariantBanner } from "./life/VariantBanner";
import { VerdictBanner } from "./life/VerdictBanner";
import { VersionsDrawer } from "./life/VersionsDrawer";
import { GoalPanel } from "./live/GoalPanel";
import { PeopleDrawer } from "./live/PeopleDrawer";
import { useKept } from "./steer/useKept";
import { useNames } from "./useNames";
import styles from "./FlowBoard.module.css";
import { useSubject } from "./subject";

interface People {
  block: string;
  state: "inside" | "failed";
}

function useWatching(flow: Flow, watching: boolean) {
  const client = useQueryClient();
  const stats = useStats(flow.id, watching);
  // While drawing, too: a request may be decided, a variant begin, a colleague pause the flow.
  useLive([`flow:${flow.id}`, "clock"], () => void client.invalidateQueries({ queryKey: flowKey(flow.id) }));
  // The flow's own counts are read together with the blocks', so that both sides of the screen agree.
  useEffect(() => {
    if (stats.dataUpdatedAt) void client.invalidateQueries({ queryKey: flowKey(flow.id), exact: true });
  }, [client, flow.id, stats.dataUpdatedAt]);
  return stats;
}

/** The keyboard's ways to what stands around the canvas. */
function useReach(editor: Editor, kinds: Kinds, onWanted: (wanted: Wanted) => void, others: Omit<Reach, "add" | "fit">): Reach {
  const { fitView, screenToFlowPosition } = useReactFlow();
  const { save, find, arrange, help, check, publish, settings, versions } = others;
  return useMemo(() => {
    const add = () => {
      const [id] = editor.selected;
      const anchor = editor.selected.size === 1 && id ? blockOf(editor.graph, id) : undefined;
      const place = anchor && document.querySelector(`.react-flow__node[data-id="${CSS.escape(anchor.id)}"]`)?.getBoundingClientRect();
      const screen = { x: place?.left ?? window.innerWidth / 2 - 150, y: place?.bottom ?? window.innerHeight / 2 - 190 };
      onWanted(anchor ? wantedBelow(editor.graph, kinds, anchor, null, screen) : { at: screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 }), screen });
    };
    return { save, find, add, arrange, help, check, publish, settings, versions, fit: () => void fitView({ duration: 250, padding: 0.1, maxZoom: 1 }) };
  }, [editor, kinds, onWanted, fitView, screenToFlowPosition, save, find, arrange, help, check, publish, settings, versions]);
}

export function FlowBoard({ flow, kinds }: { flow: Flow; kinds: Kinds }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const can = useCan();
  const names = useNames();
  useDocumentTitle(flow.name);
  const { state: from } = useLocation() as { state: { drawn?: string; asked?: string } | null };
  const [mode, setMode] = useState<Mode>(flow.published && flow.status !== "draft" && !from?.drawn ? "watch" : "edit");
  const [settings, setSettings] = useState(false);
  const [people, setPeople] = useKept<People>("people");
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [finding, setFinding] = useState(false);
  const [keys, setKeys] = useState(false);
  const [listing, setListing] = useState(false);
  const editor = useEditor(flow.draft, kinds);
  const about = useSubject(editor.graph.settings);
  const autosave = useAutosave(flow, editor.graph);
  const work = useFlowWork(flow, editor.graph, kinds, autosave.flush, () => setMode("watch"));
  const life = useLife(flow, editor, autosave, useCallback(() => setMode("edit"), []));
  useAskedDrawing(from?.asked, flow, work.published, life.compare);
  const editable = mode === "edit" && can("flow.write") && autosave.state !== "conflict" && !life.comparison;
  const stats = useWatching(flow, mode === "watch");
  const { flush } = autosave;
  const [only] = editor.selected;
  const others = useHere(flow.id, mode === "edit" && can("flow.write"), only ?? null);
  const add = useAdd(editor, kinds);
  const { arrange, settling } = useArrange(editor);
  const save = useCallback(() => void flush(), [flush]);
  const find = useCallback(() => setFinding(true), []);
  const help = useCallback(() => setKeys(true), []);
  const { openPublish } = work;
  const empty = editor.graph.blocks.length === 0;
  const publish = useCallback(() => (empty || !can("flow.publish") ? undefined : openPublish()), [empty, can, openPublish]);
  const openSettings = useCallback(() => setSettings(true), []);
  const versions = useCallback(() => setListing(true), []);
  const closeAsked = useCallback(() => setWanted(null), []);
  const { screenToFlowPosition } = useReactFlow();
  const middle = () => screenToFlowPosition({ x: window.innerWidth / 2 - 112, y: window.innerHeight / 2 - 72 });
  const reach = useReach(editor, kinds, setWanted, { save, find, arrange, help, check: work.check, publish, settings: openSettings, versions });
  const free = !work.publishing && !settings && !wanted && !keys && !listing;
  useShortcuts(editor, editable && free, reach);
  useRegions(free);
  const mend = useMending(editor, kinds, setWanted, openSettings);

  const comparison = life.comparison;
  const watching = mode === "watch" && !comparison;
  // The drawing is what one looks at first; the palette comes right after it.
  const drawn = useDeferredValue(true, false);
  const base = comparison ? comparison.before : work.published;
  const diff = useMemo(() => (watching || !base ? null : compare(base, editor.graph)), [watching, base, editor.graph]);
  const showPeople = useCallback((block: string, state: "inside" | "failed") => setPeople({ block, state }), [setPeople]);
  const overlay = useMemo<Overlay>(
    () => ({ findings: watching ? [] : work.findings, stats: watching ? (stats.data ?? null) : null, diff, onCount: watching ? showPeople : null, watched: watching }),
    [watching, work.findings, stats.data, diff, showPeople],
  );
  const shown = useMemo(() => {
    if (comparison) return { ...editor, graph: union(comparison.before, comparison.after) };
    return watching && work.published ? { ...editor, graph: work.published } : editor;
  }, [comparison, watching, work.published, editor]);
  const picture = usePicture(flow.name, shown.graph, kinds, names);
  const go = useGo(editor, shown.graph);
  const block = editor.selected.size === 1 && only ? blockOf(shown.graph, only) : undefined;
  useMakeRoom(watching ? undefined : block);
  useDrawn(from?.drawn, editor.graph, go);
  useShowChanges(comparison ? diff : null);
  const leaveForm = (event: KeyboardEvent) => {
    if (event.key === "Escape" && block && !event.defaultPrevented) focusBlock(block.id);
  };
  const peopleBlock = people ? blockOf(shown.graph, people.block) : undefined;

  return (
    <div className={styles.page}>
      <div className={styles.board} data-panel={(block !== undefined && !watching) || comparison !== null}>
        <div className={styles.tools} data-region="tools">
          <Toolbar flow={flow} mode={mode} onMode={setMode} editor={editor} onArrange={arrange} saving={autosave.state} checking={work.checking} onCheck={work.check} onSettings={openSettings} onFind={find} onKeys={help} onPublish={work.openPublish} onAction={work.act} onVersions={versions} onExport={life.download} onPicture={picture} onSticky={() => editor.stick(middle())} onFrame={() => editor.frame(middle())} others={others} />
          {flow.approval ? <ApprovalBanner approval={flow.approval} onDraw={life.compare} /> : null}
          <VerdictBanner flow={flow} />
          {flow.variant ? <VariantBanner variant={flow.variant} onEnd={life.end} /> : null}
          {autosave.state === "conflict" ? <ConflictBanner flow={flow} kinds={kinds} editor={editor} autosave={autosave} others={others} /> : null}
        </div>
        <div className={styles.left} data-region="palette" data-quiet={comparison !== null}>{watching ? <GoalPanel flow={flow} stats={stats.data} /> : drawn ? <Palette kinds={kinds} about={about} onAdd={add.press} onModule={add.pressModule} /> : null}</div>
        <div className={styles.middle} data-region="canvas">
          <Canvas editor={shown} kinds={kinds} names={names} overlay={overlay} editable={editable} settling={settling} onWanted={setWanted}>
            {editable ? <SelectionBar editor={editor} /> : null}
            {finding ? <FindBlock graph={shown.graph} kinds={kinds} onGo={go} onClose={() => setFinding(false)} /> : null}
          </Canvas>
        </div>
        {comparison ? (
          <aside className={styles.right} aria-label={t("compare.label")}>
            <ComparePanel comparison={comparison} kinds={kinds} names={names} onGo={go} onClose={life.stopComparing} />
          </aside>
        ) : null}
        {block && !watching && !comparison ? (
          // Escape leads back from the form to its block on the canvas.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <aside className={styles.right} aria-label={t("panel.title")} data-region="form" data-block-form onKeyDown={leaveForm}>
            <BlockPanel block={block} kinds={kinds} editor={editor} findings={work.findings.filter((one) => one.block === block.id)} editable={editable} onWanted={setWanted} />
          </aside>
        ) : null}
        {watching ? null : (
          <div className={styles.problems} data-region="problems">
            <Problems findings={work.findings} editor={editor} kinds={kinds} checked={work.checked} editable={editable} onGo={go} onMend={mend} />
          </div>
        )}
      </div>
      {settings ? <SettingsDrawer settings={editor.graph.settings} editable={editable} fixed={flow.published !== null} onChange={editor.settle} onClose={() => setSettings(false)} /> : null}
      {wanted ? (
        <AskedBlock
          wanted={wanted}
          graph={editor.graph}
          kinds={kinds}
          onClose={closeAsked}
          onPick={(kind, place) => {
            setWanted(null);
            add.answer(kind, place);
          }}
        />
      ) : null}
      {listing ? (
        <VersionsDrawer
          flowId={flow.id}
          onCompare={(version) => {
            setListing(false);
            life.compare(version.graph, version.number);
          }}
          onRestore={life.restore}
          onEnd={life.end}
          onClose={() => setListing(false)}
        />
      ) : null}
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
      {work.publishing ? (
        <PublishDialog
          flow={flow}
          kinds={kinds}
          published={work.published}
          draft={editor.graph}
          findings={work.findings}
          busy={work.busy}
          onPublish={work.publish}
          onCompare={() => {
            work.closePublish();
            if (work.published) life.compare(work.published, flow.published?.number ?? 1);
          }}
          onClose={work.closePublish}
        />
      ) : null}
      {people && peopleBlock ? (
        <PeopleDrawer flowId={flow.id} block={people.block} state={people.state} title={titleOf(peopleBlock, kinds, language)} onClose={() => setPeople(null)} />
      ) : null}
    </div>
  );
}
