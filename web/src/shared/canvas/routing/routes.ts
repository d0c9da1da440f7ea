import { arrowId as arrowKey } from "../edits";
import { portsOf, type Graph, type Kinds, type Point } from "../model";

import { BLOCK_HEIGHT, boxesOf, portShare, type Box } from "../sizes";
import { detour } from "./detour";
import { Drawn, LINE_GAP } from "./drawn";
import { Ground, type Interval } from "./ground";
import { straightened } from "./path";

/** How far an arrow goes straight on from its port, and how much room its head needs above a block. */
const OUT = 16;
const IN = 20;
const BEND = 24;
/** So far beside the middle of its target an arrow may end rather than make a little jog, where it is the only one to end there. */
const ASIDE = 24;
const LANES = 5;
const CORRIDORS = 3;
const STEPS = [0, 1, -1, 2, -2, 3, -3].map((step) => step * LINE_GAP);
const TRACKS = [0, 1, 2, 3, 4, 5].map((step) => step * LINE_GAP);

interface Errand {
  key: string;
  net: string;
  from: Point;
  to: Point;
  /** No other arrow leads to its target. */
  alone: boolean;
}

function errandsOf(graph: Graph, kinds: Kinds, boxes: ReadonlyMap<string, Box>): Errand[] {
  const ports = new Map(graph.blocks.map((block) => [block.id, portsOf(kinds.get(block.kind), block.config).map((port) => port.name)]));
  const heads = new Map<string, number>();
  for (const arrow of graph.arrows) heads.set(arrow.to, (heads.get(arrow.to) ?? 0) + 1);
  return graph.arrows.flatMap((arrow) => {
    const source = boxes.get(arrow.from);
    const target = boxes.get(arrow.to);
    const names = ports.get(arrow.from) ?? [];
    const index = names.indexOf(arrow.port);
    if (!source || !target) return [];
    const share = index < 0 ? 0.5 : portShare(index, names.length);
    const from = { x: Math.round(source.x + source.width * share), y: source.y + source.height };
    return [{ key: arrowKey(arrow), net: arrow.to, from, to: { x: target.x + target.width / 2, y: target.y }, alone: heads.get(arrow.to) === 1 }];
  });
}

/** A way considered, and what it would cost: length, bends, and how it gets along with the arrows already drawn. */
interface Bid {
  points: Point[];
  cost: number;
}

function lengthOf(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, index) => sum + Math.abs(point.x - (points[index] ?? point).x) + Math.abs(point.y - (points[index] ?? point).y), 0);
}

function cheapest(bids: Iterable<Bid | null>): Bid | null {
  let best: Bid | null = null;
  for (const bid of bids) if (bid && bid.cost < (best?.cost ?? Infinity)) best = bid;
  return best;
}

class Router {
  private readonly ground: Ground;
  private readonly drawn = new Drawn();

  constructor(boxes: readonly Box[]) {
    this.ground = new Ground(boxes);
  }

  route(errand: Errand): Point[] {
    const found = this.simple(errand) ?? this.around(errand) ?? this.regardless(errand);
    this.drawn.add(errand.net, found, errand.key);
    return found;
  }

  /** Another try for an arrow that came to lie beside a later one; it now sees all the others. */
  reconsider(errand: Errand, points: Point[]): Point[] {
    this.drawn.drop(errand.key);
    if (this.drawn.confused(errand.net, points)) return this.route(errand);
    this.drawn.add(errand.net, points, errand.key);
    return points;
  }

  confused({ net }: Errand, points: readonly Point[]): boolean {
    return this.drawn.confused(net, points);
  }

  private bid(net: string, points: readonly Point[]): Bid | null {
    const path = straightened(points);
    const last = path.length - 1;
    for (let at = 1; at <= last; at += 1) {
      const one = path[at - 1];
      const other = path[at];
      if (!one || !other) continue;
      // The first and the last stretch touch their own blocks by nature.
      if (this.ground.blocked(at === 1 ? { x: one.x, y: one.y + 1 } : one, at === last ? { x: other.x, y: other.y - 1 } : other)) return null;
    }
    return { points: path, cost: lengthOf(path) + BEND * (path.length - 2) + this.drawn.cost(net, path) };
  }

  /** Down, across, along a lane, across, down: lane by lane, and for the best few of them the best tracks. */
  private simple(errand: Errand): Point[] | null {
    const { from, to, net, alone } = errand;
    const bids: (Bid | null)[] = [];
    if (to.y - from.y > IN && Math.abs(from.x - to.x) <= (alone ? ASIDE : 0)) bids.push(this.bid(net, [from, { x: from.x, y: to.y }]));
    for (const lane of this.lanes(errand)) bids.push(this.along(errand, lane));
    return cheapest(bids)?.points ?? null;
  }

  /** Upright lanes worth a thought, the shortest way round first. */
  private lanes({ from, to, net }: Errand): number[] {
    const [top, bottom] = to.y - IN >= from.y + OUT ? [from.y + OUT, to.y - IN] : [to.y - IN, from.y + OUT];
    const way = (lane: number) => Math.abs(lane - from.x) + Math.abs(lane - to.x);
    const near = ({ low, high }: Interval, x: number) => Math.max(low, Math.min(high, x));
    const joined = this.drawn.lanes(net, top, bottom);
    const nearest = (corridor: Interval) => Math.min(way(near(corridor, from.x)), way(near(corridor, to.x)));
    const corridors = [...this.ground.corridors(top, bottom)].sort((one, other) => nearest(one) - nearest(other)).slice(0, CORRIDORS);
    const lanes = new Set(joined.length === 0 ? [] : joined.slice(0, LANES));
    for (const corridor of corridors) {
      for (const x of [near(corridor, to.x), near(corridor, from.x)]) {
        for (const step of STEPS) if (x + step >= corridor.low && x + step <= corridor.high) lanes.add(x + step);
      }
    }
    const judged = [...lanes].map((lane) => {
      const beside = this.drawn.cost(net, [{ x: lane, y: top }, { x: lane, y: bottom }]);
      return { lane, cost: way(lane) + beside + (lane === from.x || lane === to.x ? 0 : 2 * BEND) };
    });
    // Equally short ways turn right below their block: the ways of one block to one target leave as one line, whichever side they come from.
    judged.sort((one, other) => one.cost - other.cost || Number(other.lane === to.x) - Number(one.lane === to.x) || one.lane - other.lane);
    return judged.slice(0, LANES).map((one) => one.lane);
  }

  /** The level stretches at both ends of a lane, each on its best track below the source and above the target. */
  private along({ from, to, net }: Errand, lane: number): Bid | null {
    const downward = to.y - IN >= from.y + OUT;
    const out = TRACKS.map((step) => from.y + OUT + step).filter((y) => !downward || y <= to.y - IN);
    const into = TRACKS.map((step) => to.y - IN - step).filter((y) => !downward || y >= from.y + OUT);
    const level = (y: number) => this.bid(net, [from, { x: from.x, y }, { x: to.x, y }, to]);
    if (downward && lane === to.x) return cheapest(out.map(level));
    if (downward && lane === from.x) return cheapest(into.map(level));
    const bent = (one: number, other: number) => this.bid(net, [from, { x: from.x, y: one }, { x: lane, y: one }, { x: lane, y: other }, { x: to.x, y: other }, to]);
    const [last = 0] = into;
    const first = cheapest(out.map((y) => (downward && y > last ? null : bent(y, last))));
    const start = first?.points[1]?.y;
    return start === undefined ? null : cheapest([first, ...into.slice(1).map((y) => (downward && y < start ? null : bent(start, y)))]);
  }

  private around({ from, to }: Errand): Point[] | null {
    const found = detour(this.ground, { x: from.x, y: from.y + OUT }, { x: to.x, y: to.y - IN });
    return found && straightened([from, ...found, to]);
  }

  private regardless({ from, to }: Errand): Point[] {
    const y = (from.y + to.y) / 2;
    return straightened([from, { x: from.x, y }, { x: to.x, y }, to]);
  }
}

/**
 * The way of every arrow around the blocks, by `arrowKey`: level and upright stretches from the port to the top of the target.
 * It holds for every drawing, tidied up or by hand. The same drawing always gives the same ways.
 */
export function routes(graph: Graph, kinds: Kinds, height = BLOCK_HEIGHT): Map<string, Point[]> {
  const work = routing(graph, kinds, height);
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

/** The same, arrow by arrow: a large drawing is routed in the pauses between frames. */
export function* routing(graph: Graph, kinds: Kinds, height = BLOCK_HEIGHT): Generator<undefined, Map<string, Point[]>> {
  const boxes = boxesOf(graph, kinds, height);
  const errands = errandsOf(graph, kinds, new Map(boxes.map((box) => [box.id, box])));
  const length = ({ from, to }: Errand) => Math.abs(to.y - from.y) + Math.abs(to.x - from.x) / 4;
  const order = errands.map((errand, index) => ({ errand, index })).sort((one, other) => length(one.errand) - length(other.errand) || one.index - other.index);
  const router = new Router(boxes);
  const found = new Map<string, Point[]>();
  for (const { errand } of order) {
    found.set(errand.key, router.route(errand));
    yield;
  }
  for (const { errand } of order) {
    const points = found.get(errand.key) ?? [];
    if (router.confused(errand, points)) found.set(errand.key, router.reconsider(errand, points));
    yield;
  }
  return found;
}

/** All that the ways depend on: two drawings of the same outline have the same ways, whatever is written on the blocks. */
export function outlineOf(graph: Graph, kinds: Kinds, height = BLOCK_HEIGHT): string {
  const blocks = graph.blocks.map((block) => `${block.id} ${block.position.x} ${block.position.y} ${portsOf(kinds.get(block.kind), block.config).map((port) => port.name).join(" ")}`);
  return [height, ...blocks, ...graph.arrows.map(arrowKey)].join("\n");
}
