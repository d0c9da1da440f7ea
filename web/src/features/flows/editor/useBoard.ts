import { useNodesInitialized, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { BLOCK_HEIGHT, BLOCK_WIDTH, blockOf, freeSpot, portsOf, ROW, widthOf, type Block, type Graph, type GraphDiff, type Kind, type Kinds, type ServiceModule } from "@/shared/canvas";
import { useLanguage } from "@/shared/i18n";
import { inReadersWords } from "./firstWords";
import { openingView } from "./openingView";
import type { Wanted } from "./useConnecting";
import type { Editor } from "./useEditor";

const MARGIN = 24;
const SETTLE_MS = 320;

export function focusBlock(id: string): void {
  // The node is drawn one frame after the edit.
  setTimeout(() => document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }), 50);
}

/** New blocks: pressed in the palette (below what is selected), or asked for at a place with what they are joined to. */
export function useAdd(editor: Editor, kinds: Kinds) {
  const { flowToScreenPosition, screenToFlowPosition, setCenter, getZoom } = useReactFlow();
  const language = useLanguage();
  const press = useCallback(
    (kind: Kind) => {
      const [id] = editor.selected;
      const anchor = editor.selected.size === 1 && id ? blockOf(editor.graph, id) : undefined;
      const middle = screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
      const at = freeSpot(editor.graph, kinds, anchor ? { x: anchor.position.x, y: anchor.position.y + ROW } : middle);
      editor.add(inReadersWords(kind, language), at, { after: anchor?.id ?? null });
      void setCenter(at.x + BLOCK_WIDTH / 2, at.y, { zoom: getZoom(), duration: 200 });
    },
    [editor, kinds, language, screenToFlowPosition, setCenter, getZoom],
  );
  const pressModule = useCallback(
    (module: ServiceModule) => {
      const [id] = editor.selected;
      const anchor = editor.selected.size === 1 && id ? blockOf(editor.graph, id) : undefined;
      const middle = screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
      const at = anchor ? { x: anchor.position.x, y: anchor.position.y + ROW } : middle;
      editor.addModule(module, at, { after: anchor?.id ?? null });
      void setCenter(at.x + BLOCK_WIDTH / 2, at.y, { zoom: getZoom(), duration: 200 });
    },
    [editor, screenToFlowPosition, setCenter, getZoom],
  );
  const answer = useCallback(
    (kind: Kind, wanted: Wanted) => {
      const at = freeSpot(editor.graph, kinds, { x: wanted.at.x - BLOCK_WIDTH / 2, y: wanted.at.y });
      const id = editor.add(inReadersWords(kind, language), at, { from: wanted.from ?? null, before: wanted.into ?? null });
      focusBlock(id);
      // Whoever works without a pointer must see what has been added.
      const board = document.querySelector(".react-flow")?.getBoundingClientRect();
      const corner = flowToScreenPosition({ x: at.x + BLOCK_WIDTH, y: at.y + BLOCK_HEIGHT });
      if (board && (corner.y > board.bottom || corner.x > board.right)) void setCenter(at.x + BLOCK_WIDTH / 2, at.y, { zoom: getZoom(), duration: 200 });
    },
    [editor, kinds, language, flowToScreenPosition, setCenter, getZoom],
  );
  return { press, pressModule, answer };
}

/** Where a block goes that is asked for from the keyboard: below the one it is joined to. */
export function wantedBelow(graph: Graph, kinds: Kinds, block: Block, port: string | null, screen: { x: number; y: number }, search?: string): Wanted {
  const ports = portsOf(kinds.get(block.kind), block.config);
  const open = ports.find((one) => !graph.arrows.some((arrow) => arrow.from === block.id && arrow.port === one.name));
  const way = port ?? (open ?? ports[0])?.name;
  const at = { x: block.position.x + widthOf(block, kinds) / 2, y: block.position.y + ROW };
  return { at, screen, ...(way === undefined ? {} : { from: { block: block.id, port: way } }), ...(search ? { search } : {}) };
}

/** Tidying up: the blocks glide to their places, and the view follows once they are drawn there. */
export function useArrange(editor: Editor) {
  const { getNodes, getNodesBounds, setViewport } = useReactFlow();
  const [settling, setSettling] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const arrange = useCallback(() => {
    setSettling(true);
    editor.arrange();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const board = document.querySelector<HTMLDivElement>(".react-flow");
      void setViewport(openingView(getNodesBounds(getNodes()), board), { duration: 200 });
      timer.current = setTimeout(() => setSettling(false), SETTLE_MS);
    }, 60);
  }, [editor, getNodes, getNodesBounds, setViewport]);
  return { arrange, settling };
}

export function useGo(editor: Editor, graph: Graph) {
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
export function useMakeRoom(block: Block | undefined): void {
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

/** What differs comes into view when a comparison begins, with the panel beside the drawing already there. */
export function useShowChanges(diff: GraphDiff | null): void {
  const { fitView } = useReactFlow();
  const shown = useRef(false);
  useEffect(() => {
    if (!diff || shown.current) {
      shown.current = diff !== null;
      return undefined;
    }
    const touched = [...diff.added, ...diff.changed, ...diff.removed.map((one) => one.id)];
    const ids = touched.length > 0 ? touched : [...diff.moved];
    const timer = setTimeout(() => {
      shown.current = true;
      if (ids.length > 0) void fitView({ nodes: ids.map((id) => ({ id })), padding: 0.25, minZoom: 0.4, maxZoom: 1, duration: 250 });
    }, 60);
    return () => clearTimeout(timer);
  }, [diff, fitView]);
}

/** Whoever comes from elsewhere with a block in mind finds it chosen and in the middle, once. */
export function useDrawn(id: string | undefined, graph: Graph, go: (id: string) => void): void {
  const shown = useRef(false);
  // The canvas takes its opening view first.
  const ready = useNodesInitialized() && id !== undefined && blockOf(graph, id) !== undefined;
  useEffect(() => {
    if (!ready || shown.current) return;
    shown.current = true;
    go(id);
  }, [ready, id, go]);
}
