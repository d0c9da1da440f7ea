import { useConnection, useReactFlow, type Connection, type Edge, type FinalConnectionState } from "@xyflow/react";
import { useCallback, useState } from "react";
import { blockOf, portsOf, refusal, type Arrow, type Kinds, type Point } from "@/shared/canvas";
import type { Editor } from "./useEditor";

/** A new block that is wanted: where it goes, and to which way out (or into which block) it is joined. */
export interface Wanted {
  at: Point;
  screen: { x: number; y: number };
  from?: { block: string; port: string };
  into?: string;
  search?: string;
  /** Only a start will do. */
  starts?: boolean;
}

export function arrowOf(connection: Connection | Edge): Arrow {
  return { from: connection.source, port: connection.sourceHandle ?? "", to: connection.target };
}

function pointOf(event: MouseEvent | TouchEvent): { x: number; y: number } {
  const place = "changedTouches" in event ? event.changedTouches[0] : event;
  return { x: place?.clientX ?? 0, y: place?.clientY ?? 0 };
}

function blockAt({ x, y }: { x: number; y: number }): string | null {
  const node = document.elementsFromPoint(x, y).find((element) => element.closest(".react-flow__node"));
  return node?.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? null;
}

/** Nearer than this to where it began, a press on a port was a click and no drag. */
const CLICK = 6;

/**
 * Drawing arrows by hand. An arrow may be dropped anywhere on a block; on the empty canvas it asks for a new block there;
 * where it is not allowed it says why. Nothing that a person drags ends without an answer.
 */
export function useConnecting(editor: Editor, kinds: Kinds, onWanted: (wanted: Wanted) => void) {
  const { screenToFlowPosition } = useReactFlow();
  const [said, setSaid] = useState<string | null>(null);
  const drawing = useConnection((connection) => (connection.inProgress ? connection.fromHandle.type : null));

  const tell = useCallback((text: string | null) => setSaid(text), []);
  const join = useCallback(
    (arrow: Arrow) => {
      const why = refusal(editor.graph, arrow, kinds);
      setSaid(why);
      if (!why) editor.connect(arrow);
    },
    [editor, kinds],
  );
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid || state.fromHandle === null) return;
      const screen = pointOf(event);
      const own = state.fromNode.id;
      const forward = state.fromHandle.type === "source";
      const port = state.fromHandle.id ?? "";
      const began = state.from;
      const at = screenToFlowPosition(screen);
      if (Math.hypot(at.x - began.x, at.y - began.y) < CLICK) return;
      const other = blockAt(screen);
      if (other === null) {
        onWanted(forward ? { at, screen, from: { block: own, port } } : { at, screen, into: own });
        return;
      }
      const source = blockOf(editor.graph, other);
      const open = source && portsOf(kinds.get(source.kind), source.config).find((one) => !editor.graph.arrows.some((arrow) => arrow.from === other && arrow.port === one.name));
      if (!forward && !open && other !== own && kinds.get(source?.kind ?? "")?.role !== "end") setSaid("taken");
      else join(forward ? { from: own, port, to: other } : { from: other, port: open?.name ?? "", to: own });
    },
    [editor.graph, join, kinds, onWanted, screenToFlowPosition],
  );
  const onConnect = useCallback((connection: Connection) => join(arrowOf(connection)), [join]);
  const isValidConnection = useCallback((connection: Connection | Edge) => refusal(editor.graph, arrowOf(connection), kinds) === null, [editor.graph, kinds]);
  return { said, tell, drawing, onConnect, onConnectEnd, isValidConnection };
}
