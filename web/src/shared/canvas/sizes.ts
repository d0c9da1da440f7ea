import { portsOf, type Block, type Graph, type Kinds, type Point } from "./model";

export const GRID = 8;
/** A block with up to three ways; each further way makes it wider, so that its label can be read. */
export const BLOCK_WIDTH = 232;
const WAY_WIDTH = 64;
const WAYS_MAX = 12;
export const BLOCK_HEIGHT = 88;
/** While the flow is watched a block has a line of counts more. Tidying up leaves room for it. */
export const WATCHED_HEIGHT = 112;

export function snap(point: Point): Point {
  return { x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID };
}

export function widthFor(ports: number): number {
  return BLOCK_WIDTH + Math.max(0, Math.min(ports, WAYS_MAX) - 3) * WAY_WIDTH;
}

export function widthOf(block: Block, kinds: Kinds): number {
  return widthFor(portsOf(kinds.get(block.kind), block.config).length);
}

/** How far along its block's lower edge a port sits: 0 left, 1 right. */
export function portShare(index: number, count: number): number {
  return (index + 0.5) / Math.max(count, 1);
}

export interface Box extends Point {
  id: string;
  width: number;
  height: number;
}

/** The rectangle of every block as it is drawn. */
export function boxesOf(graph: Graph, kinds: Kinds, height = BLOCK_HEIGHT): Box[] {
  return graph.blocks.map((block) => ({ id: block.id, ...block.position, width: widthOf(block, kinds), height }));
}
