import { Background, BackgroundVariant, ConnectionLineType, Controls, MiniMap, ReactFlow, useNodesState, useReactFlow, type EdgeChange, type NodeChange, type Viewport } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useCallback, useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState, type DragEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { BLOCK_HEIGHT, BLOCK_WIDTH, framed, GRID, WATCHED_HEIGHT, type Arrow, type Kinds, type Point } from "@/shared/canvas";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { ArrowEdge, type ArrowEdgeType } from "./ArrowEdge";
import { BlockNode } from "./BlockNode";
import { CanvasWordsContext, wordsIn } from "./canvasWords";
import { extrasOf, FrameNode, StickyNode } from "./Extras";
import { inReadersWords } from "./firstWords";
import { edgesOf, kept, nodesOf, type CanvasNode, type Overlay } from "./nodes";
import { DRAG_TYPE, MODULE_DRAG_TYPE } from "./Palette";
import { boundsOf, openingView } from "./openingView";
import type { Names } from "./summary";
import { useConnecting, type Wanted } from "./useConnecting";
import type { Editor } from "./useEditor";
import { useKnownModule } from "./useModules";
import { useWays } from "./useWays";
import styles from "./Canvas.module.css";

const MAP_FROM = 8;
/** Told to the map itself: what a style sheet says it does not know, and draws past its edge. */
const MAP_SIZE = { width: 160, height: 112 };
const SAID_MS = 4_000;

/** The small map wears the palette's colours, softly: one finds a place by them. */
const HUES: Record<string, string> = { start: "success", decide: "info", wait: "warning", reach: "primary-text", benefit: "accent", trade: "accent" };

function hueOnMap(node: CanvasNode): string {
  const hue = node.type === "block" ? HUES[node.data.group] : undefined;
  return hue ? `color-mix(in srgb, var(--t-${hue}) 45%, var(--t-surface))` : "var(--t-line-strong)";
}

const nodeTypes = { block: BlockNode, sticky: StickyNode, frame: FrameNode };
const edgeTypes = { arrow: ArrowEdge };

interface Props {
  editor: Editor;
  kinds: Kinds;
  names: Names;
  overlay: Overlay;
  editable: boolean;
  /** The blocks are on their way to tidied places. */
  settling: boolean;
  onWanted: (wanted: Wanted) => void;
  children?: ReactNode;
}

/** The arrow under the pointer while a block is dragged in from the palette: dropping there puts it in between. */
function arrowUnder(event: DragEvent, edges: readonly ArrowEdgeType[]): Arrow | null {
  const hit = document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.closest(".react-flow__edge"));
  const id = hit?.closest<HTMLElement>(".react-flow__edge")?.dataset.id;
  return edges.find((edge) => edge.id === id)?.data?.arrow ?? null;
}

function useDrawing({ editor, kinds, names, overlay, editable }: Props) {
  const language = useLanguage();
  const [chosen, setChosen] = useState<string | null>(null);
  const { graph, selected, disconnect } = editor;
  const { changeExtra } = editor;
  const wanted = useMemo<CanvasNode[]>(
    () => [...extrasOf(graph, selected, editable ? changeExtra : null), ...nodesOf(graph, kinds, selected, names, overlay, language)],
    [graph, selected, editable, changeExtra, kinds, names, overlay, language],
  );
  const [nodes, setNodes, onNodesChange] = useNodesState<CanvasNode>(wanted);
  useEffect(() => setNodes((shown) => kept(shown, wanted)), [wanted, setNodes]);
  const ways = useWays(graph, kinds, overlay.watched);
  const edges = useMemo(
    () => edgesOf(graph, ways, overlay, editable ? disconnect : null).map((edge) => ({ ...edge, selected: edge.id === chosen, ...(edge.id === chosen ? { zIndex: 10 } : {}) })),
    [graph, ways, overlay, editable, disconnect, chosen],
  );
  return { nodes, edges, setNodes, onNodesChange, chosen, setChosen };
}

function useLabels() {
  const { t } = useTranslation("flows");
  return useMemo(
    () => ({
      "node.a11yDescription.default": t("canvas.keys"),
      "node.a11yDescription.keyboardDisabled": t("canvas.keys"),
      "node.a11yDescription.ariaLiveMessage": ({ x, y }: { x: number; y: number }) => t("canvas.moved", { x: Math.round(x), y: Math.round(y) }),
      "edge.a11yDescription.default": t("canvas.edgeKeys"),
      "controls.ariaLabel": t("canvas.controls"),
      "controls.zoomIn.ariaLabel": t("canvas.zoomIn"),
      "controls.zoomOut.ariaLabel": t("canvas.zoomOut"),
      "controls.fitView.ariaLabel": t("canvas.fit"),
      "minimap.ariaLabel": t("canvas.map"),
    }),
    [t],
  );
}

/** Where the view stands when the flow opens: known before anything is drawn, so that what is out of sight is not drawn first. */
function useOpening({ editor, kinds, overlay }: Props, board: RefObject<HTMLDivElement | null>): Viewport | null {
  const [view, setView] = useState<Viewport | null>(null);
  useLayoutEffect(() => {
    // The board's size is known only once it is in the page; before the first paint is the last moment to take it.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setView((before) => before ?? openingView(boundsOf(editor.graph, kinds, overlay.watched ? WATCHED_HEIGHT : BLOCK_HEIGHT), board.current));
  }, [editor.graph, kinds, overlay.watched, board]);
  return view;
}

/** React Flow only draws here; what an edit means stands in `shared/canvas`. */
export function Canvas(props: Props) {
  const { editor, kinds, editable, settling, overlay, onWanted, children } = props;
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const { nodes, edges, setNodes, onNodesChange, chosen, setChosen } = useDrawing(props);
  const { screenToFlowPosition } = useReactFlow();
  const moduleOf = useKnownModule();
  const board = useRef<HTMLDivElement>(null);
  const opening = useOpening(props, board);
  const mapped = useDeferredValue(editor.graph.blocks.length > MAP_FROM, false);
  const dragged = useRef(false);
  const connecting = useConnecting(editor, kinds, onWanted);
  const { said, tell } = connecting;
  const labels = useLabels();
  const words = useMemo(() => wordsIn(t, language), [t, language]);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => tell(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said, tell]);

  const { pick, move, moveExtra, graph } = editor;
  const extras = useMemo(() => new Set([...(graph.stickies ?? []), ...(graph.frames ?? [])].map((one) => one.id)), [graph.stickies, graph.frames]);
  /** What stands in a frame goes along under the pointer already. */
  const onNodeDrag = useCallback(
    (_: unknown, node: CanvasNode) => {
      const frame = node.type === "frame" ? graph.frames?.find((one) => one.id === node.id) : undefined;
      if (!frame) return;
      const by = { x: node.position.x - frame.position.x, y: node.position.y - frame.position.y };
      const along = framed(graph, kinds, frame.id);
      const places = new Map([...graph.blocks, ...(graph.stickies ?? [])].filter((one) => along.has(one.id)).map((one) => [one.id, { x: one.position.x + by.x, y: one.position.y + by.y }]));
      setNodes((shown) => shown.map((one) => (places.has(one.id) ? { ...one, position: places.get(one.id) ?? one.position } : one)));
    },
    [graph, kinds, setNodes],
  );
  // Only what a person picks is handed up. React Flow's own selection report also repeats what it was just given, one render late,
  // and answering that would never end.
  const onChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      onNodesChange(changes);
      const picks = changes.filter((change) => change.type === "select");
      if (picks.length > 0) pick(new Map(picks.map((change) => [change.id, change.selected])));
      // The arrow keys move without a drag; steps in a row undo as one.
      const steps = changes.flatMap((change): [string, Point][] => (change.type === "position" && change.dragging === false && change.position ? [[change.id, change.position]] : []));
      if (steps.length === 0 || !editable) return;
      for (const [id, to] of steps) if (extras.has(id)) moveExtra(id, to);
      move(new Map(steps), dragged.current ? null : `move ${steps.map(([id]) => id).join(" ")}`);
    },
    [onNodesChange, pick, move, moveExtra, extras, editable],
  );
  const onEdgesChange = (changes: EdgeChange<ArrowEdgeType>[]) => {
    const picked = changes.filter((change) => change.type === "select");
    if (picked.length > 0) setChosen(picked.find((change) => change.selected)?.id ?? null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = edges.find((edge) => edge.id === chosen)?.data?.arrow;
    if (!editable || !arrow || (event.key !== "Delete" && event.key !== "Backspace") || (event.target as HTMLElement).tagName === "INPUT") return;
    event.stopPropagation();
    editor.disconnect(arrow);
    setChosen(null);
  };
  const onDrop = (event: DragEvent) => {
    const kind = kinds.get(event.dataTransfer.getData(DRAG_TYPE));
    const module = moduleOf(event.dataTransfer.getData(MODULE_DRAG_TYPE));
    if (!kind && !module) return;
    event.preventDefault();
    const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const at = { x: point.x - BLOCK_WIDTH / 2, y: point.y - BLOCK_HEIGHT / 2 };
    const into = arrowUnder(event, edges);
    if (kind) editor.add(inReadersWords(kind, language), at, { into });
    else if (module) editor.addModule(module, at, { into });
  };
  return (
    // Dragging in from the palette is the pointer's way; the keyboard presses the same entry (Palette, onAdd).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={board}
      role="application"
      aria-label={t("canvas.label")}
      className={styles.board}
      data-settling={settling}
      data-drawing={connecting.drawing}
      onKeyDown={onKeyDown}
      onDrop={editable ? onDrop : undefined}
      onDragOver={(event) => editable && event.preventDefault()}
    >
      {opening ? (
        <CanvasWordsContext value={words}>
          <ReactFlow<CanvasNode, ArrowEdgeType>
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            ariaLabelConfig={labels}
            onNodesChange={onChange}
            onEdgesChange={onEdgesChange}
            onNodeDragStart={() => (dragged.current = true)}
            onNodeDrag={onNodeDrag}
            onNodeDragStop={() => (dragged.current = false)}
            onPaneClick={() => setChosen(null)}
            onConnect={connecting.onConnect}
            onConnectEnd={connecting.onConnectEnd}
            isValidConnection={connecting.isValidConnection}
            connectionLineType={ConnectionLineType.SmoothStep}
            nodesDraggable={editable}
            nodesConnectable={editable}
            connectOnClick={false}
            connectionRadius={24}
            nodeDragThreshold={3}
            snapToGrid
            snapGrid={[GRID, GRID]}
            deleteKeyCode={null}
            multiSelectionKeyCode={["Shift", "Control", "Meta"]}
            defaultViewport={opening}
            minZoom={0.1}
            maxZoom={1.6}
            onlyRenderVisibleElements={nodes.length > 60}
            proOptions={{ hideAttribution: true }}
          >
            <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.5} color="var(--t-line-strong)" />
            {mapped ? <MiniMap pannable zoomable style={MAP_SIZE} nodeColor={hueOnMap} maskColor="color-mix(in srgb, var(--t-paper) 70%, transparent)" /> : null}
            <Controls showInteractive={false} />
          </ReactFlow>
        </CanvasWordsContext>
      ) : null}
      {children}
      <div role="status" className={styles.said} data-shown={said !== null}>
        {said ? t(`refused.${said}`) : null}
      </div>
      {editor.graph.blocks.length === 0 && !overlay.watched ? <p className={styles.hint}>{t("canvas.empty")}</p> : null}
    </div>
  );
}
