import { useEffect, useMemo, useState } from "react";
import { BLOCK_HEIGHT, outlineOf, routes, routing, WATCHED_HEIGHT, type Graph, type Kinds, type Point } from "@/shared/canvas";

export type WaysOfArrows = ReadonlyMap<string, Point[]>;

/** Up to so many arrows are led around the blocks before the first picture; more are drawn the simple way until then. */
const AT_ONCE = 60;
/** What a slice of routing may take of a frame. */
const SLICE_MS = 6;
const NONE: WaysOfArrows = new Map();

/** The graph as it was when its outline last changed: typing a label moves no arrow. */
function useOutlined(graph: Graph, kinds: Kinds, height: number): Graph {
  const outline = useMemo(() => outlineOf(graph, kinds, height), [graph, kinds, height]);
  const [known, setKnown] = useState({ outline, graph });
  if (known.outline === outline) return known.graph;
  setKnown({ outline, graph });
  return graph;
}

/** The ways of all arrows around the blocks. Those of a large drawing come a moment later and never hold up a frame. */
export function useWays(graph: Graph, kinds: Kinds, watched: boolean): WaysOfArrows {
  const height = watched ? WATCHED_HEIGHT : BLOCK_HEIGHT;
  const outlined = useOutlined(graph, kinds, height);
  const small = outlined.arrows.length <= AT_ONCE;
  const atOnce = useMemo(() => (small ? routes(outlined, kinds, height) : null), [small, outlined, kinds, height]);
  const [later, setLater] = useState(NONE);
  useEffect(() => {
    if (small) return undefined;
    const work = routing(outlined, kinds, height);
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      do {
        const step = work.next();
        if (step.done) {
          setLater(step.value);
          return;
        }
      } while (performance.now() < end);
      timer = setTimeout(slice);
    };
    let timer = setTimeout(slice);
    return () => clearTimeout(timer);
  }, [small, outlined, kinds, height]);
  return atOnce ?? later;
}
