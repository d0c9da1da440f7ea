import { expect, test } from "vitest";
import { KINDS, randomFlow } from "./drawings";
import { pictureOf, type Ink } from "./picture";

const INK: Ink = { title: (id) => `${id} <b>`, line: () => "", way: (_block, port) => port, hue: () => "#123456", paper: "#fff", surface: "#fff", ink: "#000", faint: "#777", edge: "#ccc" };

test("a picture holds every block and arrow, is sound XML, and lets no words become markup", () => {
  const graph = randomFlow(12, 3);
  const { svg, width, height } = pictureOf(graph, KINDS, INK);
  const read = new DOMParser().parseFromString(svg, "image/svg+xml");
  expect(read.querySelector("parsererror")).toBeNull();
  expect(read.querySelectorAll("g")).toHaveLength(graph.blocks.length);
  expect(read.querySelectorAll("path[marker-end]")).toHaveLength(graph.arrows.length);
  expect(read.querySelector("b")).toBeNull();
  expect(Math.min(width, height)).toBeGreaterThan(100);
});

test("an empty canvas has a picture too", () => {
  expect(pictureOf({ blocks: [], arrows: [], settings: {} }, KINDS, INK).width).toBe(80);
});
