import { portsOf, type Graph, type Kinds } from "./model";
import { pathOf } from "./routing/path";
import { routes } from "./routing/routes";
import { boxesOf, portShare } from "./sizes";

/** What a picture of a flow is drawn with: the words on each block and its ways, and a colour for each group of the palette. */
export interface Ink {
  title: (block: string) => string;
  line: (block: string) => string;
  way: (block: string, port: string) => string;
  hue: (group: string) => string;
  paper: string;
  surface: string;
  ink: string;
  faint: string;
  edge: string;
}

const AIR = 40;
const TITLE_MAX = 13;
const LINE_MAX = 17;
const WAY_MAX = 6;

function safe(text: string, most: number): string {
  const letters = Array.from(text);
  const cut = letters.length > most ? `${letters.slice(0, most - 1).join("")}\u2026` : text;
  return cut.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0) ?? 63};`);
}

/** A whole flow as a picture that stands by itself (SVG): for a presentation, a report, the wall. */
export function pictureOf(graph: Graph, kinds: Kinds, ink: Ink): { svg: string; width: number; height: number } {
  const boxes = boxesOf(graph, kinds);
  const extras = [...(graph.frames ?? []), ...(graph.stickies ?? [])].map((one) => ({ ...one.position, width: one.width, height: one.height }));
  const all = [...boxes, ...extras];
  const left = Math.min(...all.map((box) => box.x), 0) - AIR;
  const top = Math.min(...all.map((box) => box.y), 0) - AIR;
  const width = Math.max(...all.map((box) => box.x + box.width), 0) + AIR - left;
  const height = Math.max(...all.map((box) => box.y + box.height), 0) + AIR - top;
  const blocks = new Map(graph.blocks.map((block) => [block.id, block]));
  const frames = (graph.frames ?? []).map((one) => `<rect x="${one.position.x}" y="${one.position.y}" width="${one.width}" height="${one.height}" rx="8" fill="none" stroke="${ink.edge}" stroke-dasharray="6 4"/><text x="${one.position.x + 12}" y="${one.position.y + 24}" fill="${ink.faint}" font-size="14">${safe(one.title, 40)}</text>`);
  const notes = (graph.stickies ?? []).map((one) => `<rect x="${one.position.x}" y="${one.position.y}" width="${one.width}" height="${one.height}" rx="4" fill="#fbf3c4"/>${one.text.split("\n").slice(0, 6).map((text, index) => `<text x="${one.position.x + 12}" y="${one.position.y + 26 + index * 20}" fill="#4a4326" font-size="13">${safe(text, 16)}</text>`).join("")}`);
  const ways = [...routes(graph, kinds).values()].map((way) => `<path d="${pathOf(way)}" fill="none" stroke="${ink.faint}" stroke-width="1.5" marker-end="url(#head)"/>`);
  const drawn = boxes.map((box) => {
    const block = blocks.get(box.id);
    const kind = block && kinds.get(block.kind);
    const ports = block ? portsOf(kind, block.config) : [];
    const line = ink.line(box.id);
    const middle = box.y + (ports.length > 1 ? 36 : 46);
    const words = [`<text x="${box.x + 20}" y="${line === "" ? middle + 5 : middle - 4}" fill="${ink.ink}" font-size="15" font-weight="600">${safe(ink.title(box.id), TITLE_MAX)}</text>`, line === "" ? "" : `<text x="${box.x + 20}" y="${middle + 17}" fill="${ink.faint}" font-size="12">${safe(line, LINE_MAX)}</text>`];
    const named = ports.length < 2 ? [] : ports.map((port, index) => `<text x="${box.x + box.width * portShare(index, ports.length)}" y="${box.y + box.height - 9}" fill="${ink.faint}" font-size="11" text-anchor="middle">${safe(ink.way(box.id, port.name), WAY_MAX)}</text>`);
    return `<g><rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="8" fill="${ink.surface}" stroke="${ink.edge}"/><rect x="${box.x}" y="${box.y}" width="5" height="${box.height}" rx="2" fill="${ink.hue(kind?.group ?? "flow")}"/>${words.join("")}${named.join("")}</g>`;
  });
  const head = `<defs><marker id="head" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z" fill="${ink.faint}"/></marker></defs>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"><rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${ink.paper}"/>${head}${frames.join("")}${ways.join("")}${drawn.join("")}${notes.join("")}</svg>`;
  return { svg, width, height };
}
