/** Outer rings of a GeoJSON object, as [longitude, latitude]; what is no area gives none (the server says what is wrong). */
export type Ring = [number, number][];

export function ringsOf(area: unknown): Ring[] {
  if (typeof area !== "object" || area === null) return [];
  const { type, coordinates, geometry, features } = area as { type?: string; coordinates?: unknown; geometry?: unknown; features?: unknown };
  if (type === "Feature") return ringsOf(geometry);
  if (type === "FeatureCollection") return Array.isArray(features) ? features.flatMap(ringsOf) : [];
  const polygons: unknown[] = type === "Polygon" ? [coordinates] : type === "MultiPolygon" && Array.isArray(coordinates) ? coordinates : [];
  return polygons.flatMap((polygon) => (Array.isArray(polygon) && isRing(polygon[0]) ? [polygon[0]] : []));
}

function isRing(value: unknown): value is Ring {
  return Array.isArray(value) && value.length > 2 && value.every((point) => Array.isArray(point) && Number.isFinite(point[0]) && Number.isFinite(point[1]));
}

/** What was pasted: GeoJSON, or a table of points, one "longitude latitude" a line; a table is closed by itself. Null: neither. */
export function read(text: string): Record<string, unknown> | null {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    try {
      return JSON.parse(trimmed) as Record<string, unknown>;
    } catch {
      return null;
    }
  }
  const points = trimmed.split(/\n+/).map((line) => line.trim().split(/[\s,;\uff0c]+/).map(Number));
  if (points.length < 3 || points.some((point) => point.length !== 2 || point.some((one) => !Number.isFinite(one)))) return null;
  const [first, last] = [points[0], points[points.length - 1]];
  const isClosed = first?.[0] === last?.[0] && first?.[1] === last?.[1];
  return { type: "Polygon", coordinates: [isClosed || !first ? points : [...points, first]] };
}
