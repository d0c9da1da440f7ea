import { expect, test } from "vitest";
import { read, ringsOf } from "./shape";

const ring = [
  [118, 28],
  [123, 28],
  [123, 33],
  [118, 28],
];

test("a table of points closes itself", () => {
  expect(read("118, 28\n123\t28\n123 33")).toEqual({ type: "Polygon", coordinates: [ring] });
  expect(read("118，28\n123，28\n123，33\n118，28")).toEqual({ type: "Polygon", coordinates: [ring] });
});

test("what is neither GeoJSON nor a table is nothing", () => {
  for (const text of ["", "{", "1 2\n3 4", "1 2 3\n1 2 3\n1 2 3", "a b\nc d\ne f"]) expect(read(text)).toBeNull();
});

test("rings are found in every kind of GeoJSON", () => {
  const polygon = { type: "Polygon", coordinates: [ring] };
  expect(ringsOf(read(JSON.stringify(polygon)))).toEqual([ring]);
  expect(ringsOf({ type: "FeatureCollection", features: [{ type: "Feature", geometry: polygon }, { type: "Feature", geometry: { type: "MultiPolygon", coordinates: [[ring], [ring]] } }] })).toHaveLength(3);
  expect(ringsOf({ type: "Polygon", coordinates: [[["x"]]] })).toEqual([]);
});
