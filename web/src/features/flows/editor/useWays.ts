import { useEffect, useMemo, useState } from "react";
import { BLOCK_HEIGHT, outlineOf, routes, routing, WATCHED_HEIGHT, type Graph, type Kinds, type Point } from "@/shared/canvas";

export type WaysOfArrows = ReadonlyMap<string, Point[]>;

/** Up to so many arrows are led around the blocks before the first picture; more are drawn the simple way until then. */
const AT_ONCE = 60;
/** What a slice of routing may take of a frame. */
const SLICE_MS = 6;
const NONE: WaysOfArrows = new Map();

/** The ways of the drawings last seen: a flow that is opened again has its arrows at once. */
const KNOWN_MAX = 8;
const known = new Map<string, WaysOfArrows>();

function remember(outline: string, ways: WaysOfArrows): void {
  known.delete(outline);
  known.set(outline, ways);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

interface Outlined {
  outline: string;
  graph: Graph;
}

/** The graph as it was when its outline last changed: typing a label moves no arrow. */
function useOutlined(graph: Graph, kinds: Kinds, height: number): Outlined {
  const outline = useMemo(() => outlineOf(graph, kinds, height), [graph, kinds, height]);
  const [last, setLast] = useState<Outlined>({ outline, graph });
  if (last.outline === outline) return last;
  const next = { outline, graph };
  setLast(next);
  return next;
}

/** The ways of all arrows around the blocks. Those of a large drawing come a moment later and never hold up a frame. */
export function useWays(graph: Graph, kinds: Kinds, watched: boolean): WaysOfArrows {
  const height = watched ? WATCHED_HEIGHT : BLOCK_HEIGHT;
  const outlined = useOutlined(graph, kinds, height);
  const small = outlined.graph.arrows.length <= AT_ONCE;
  const atOnce = useMemo(() => (small ? routes(outlined.graph, kinds, height) : (known.get(outlined.outline) ?? null)), [small, outlined, kinds, height]);
  const [later, setLater] = useState(NONE);
  useEffect(() => {
    if (atOnce) return undefined;
    const work = routing(outlined.graph, kinds, height);
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      do {
        const step = work.next();
        if (step.done) {
          remember(outlined.outline, step.value);
          setLater(step.value);
          return;
        }
      } while (performance.now() < end);
      timer = setTimeout(slice);
    };
    let timer = setTimeout(slice);
    return () => clearTimeout(timer);
  }, [atOnce, outlined, kinds, height]);
  return atOnce ?? later;
}
