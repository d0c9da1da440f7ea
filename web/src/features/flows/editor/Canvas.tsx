import {
  Background,
  BackgroundVariant,
  Controls,
  MiniMap,
  ReactFlow,
  useNodesState,
  useReactFlow,
  type Connection,
  type Edge,
  type NodeChange,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent } from "react";
import { BLOCK_HEIGHT, BLOCK_WIDTH, GRID, refusal, type Arrow, type Kinds } from "@/shared/canvas";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { ArrowEdge, type ArrowEdgeType } from "./ArrowEdge";
import { BlockNode, type BlockNodeType } from "./BlockNode";
import { edgesOf, nodesOf, type Overlay } from "./nodes";
import { DRAG_TYPE } from "./Palette";
import { openingView } from "./openingView";
import type { Names } from "./summary";
import type { Editor } from "./useEditor";
import styles from "./Canvas.module.css";

const MAP_FROM = 14;

const nodeTypes = { block: BlockNode };
const edgeTypes = { arrow: ArrowEdge };

interface Props {
  editor: Editor;
  kinds: Kinds;
  names: Names;
  overlay: Overlay;
  editable: boolean;
}

function arrowOf(connection: Connection | Edge): Arrow {
  return { from: connection.source, port: connection.sourceHandle ?? "", to: connection.target };
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
  const wanted = useMemo(() => nodesOf(editor.graph, kinds, editor.selected, names, overlay, language), [editor.graph, editor.selected, kinds, names, overlay, language]);
  const [nodes, setNodes, onNodesChange] = useNodesState<BlockNodeType>(wanted);
  // What React Flow measured of a node is kept, or every edit would measure the whole canvas again.
  useEffect(() => setNodes((shown) => wanted.map((node) => ({ ...shown.find((one) => one.id === node.id), ...node }))), [wanted, setNodes]);
  const { disconnect } = editor;
  const edges = useMemo(
    () => edgesOf(editor.graph, overlay, editable ? disconnect : null).map((edge) => ({ ...edge, selected: edge.id === chosen })),
    [editor.graph, overlay, editable, disconnect, chosen],
  );
  return { nodes, edges, onNodesChange, setChosen };
}

/** React Flow only draws here; what an edit means stands in `shared/canvas`. */
export function Canvas(props: Props) {
  const { editor, kinds, editable } = props;
  const { t } = useTranslation("flows");
  const { nodes, edges, onNodesChange, setChosen } = useDrawing(props);
  const { screenToFlowPosition } = useReactFlow();
  const board = useRef<HTMLDivElement>(null);

  const { pick } = editor;
  // Only what a person picks is handed up. React Flow's own selection report also repeats what it was just given, one render late,
  // and answering that would never end.
  const onChange = useCallback(
    (changes: NodeChange<BlockNodeType>[]) => {
      onNodesChange(changes);
      const picks = changes.filter((change) => change.type === "select");
      if (picks.length > 0) pick(new Map(picks.map((change) => [change.id, change.selected])));
    },
    [onNodesChange, pick],
  );
  const onDrop = (event: DragEvent) => {
    const kind = kinds.get(event.dataTransfer.getData(DRAG_TYPE));
    if (!kind) return;
    event.preventDefault();
    const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    editor.add(kind, { x: point.x - BLOCK_WIDTH / 2, y: point.y - BLOCK_HEIGHT / 2 }, { into: arrowUnder(event, edges) });
  };
  return (
    // Dragging in from the palette is the pointer's way; the keyboard presses the same entry (Palette, onAdd).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div ref={board} role="application" aria-label={t("canvas.label")} className={styles.board} onDrop={editable ? onDrop : undefined} onDragOver={(event) => editable && event.preventDefault()}>
      <ReactFlow<BlockNodeType, ArrowEdgeType>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onChange}
        onNodeDragStop={(_event, _node, moved) => editor.move(new Map(moved.map((node) => [node.id, node.position])))}
        onEdgeClick={(_event, edge) => setChosen(edge.id)}
        onPaneClick={() => setChosen(null)}
        onConnect={(connection) => editor.connect(arrowOf(connection))}
        isValidConnection={(connection) => refusal(editor.graph, arrowOf(connection), kinds) === null}
        nodesDraggable={editable}
        nodesConnectable={editable}
        connectionRadius={36}
        snapToGrid
        snapGrid={[GRID, GRID]}
        deleteKeyCode={null}
        multiSelectionKeyCode="Shift"
        onInit={(instance) => void instance.setViewport(openingView(instance.getNodesBounds(instance.getNodes()), board.current))}
        minZoom={0.15}
        maxZoom={1.6}
        onlyRenderVisibleElements={nodes.length > 120}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.5} color="var(--t-line-strong)" />
        {editor.graph.blocks.length > MAP_FROM ? <MiniMap pannable zoomable ariaLabel={t("canvas.map")} nodeColor="var(--t-line-strong)" maskColor="color-mix(in srgb, var(--t-paper) 70%, transparent)" /> : null}
        <Controls showInteractive={false} />
      </ReactFlow>
      {editor.graph.blocks.length === 0 ? <p className={styles.hint}>{t("canvas.empty")}</p> : null}
    </div>
  );
}
