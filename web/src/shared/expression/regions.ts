import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/shared/api";

/** A division and what lies in it. */
export interface Region {
  value: string;
  label: string;
  children?: Region[];
}

// Levels that only statistics know (市辖区, 县, ...直辖县级行政区划): their counties stand directly below the province.
const UNSAID = /^(\u5e02\u8f96\u533a|\u53bf|.*\u76f4\u8f96\u53bf\u7ea7\u884c\u653f\u533a\u5212)$/;

/** The tree of divisions from code -> name: two digits each for province, city, county. */
export function regionTree(names: Readonly<Record<string, string>>): Region[] {
  const provinces: Region[] = [];
  const known = new Map<string, Region>();
  for (const [value, label] of Object.entries(names).sort(([a], [b]) => a.localeCompare(b))) {
    if (UNSAID.test(label)) continue;
    const region: Region = { value, label };
    known.set(value, region);
    const city = `${value.slice(0, 4)}00`;
    const above = (city === value ? undefined : known.get(city)) ?? (value.endsWith("0000") ? undefined : known.get(`${value.slice(0, 2)}0000`));
    if (above) (above.children ??= []).push(region);
    else provinces.push(region);
  }
  return provinces;
}

/** The codes from the province down to a division, as a cascader wants them. */
export function regionPath(tree: readonly Region[], code: string): string[] {
  for (const region of tree) {
    if (region.value === code) return [code];
    const below = region.children ? regionPath(region.children, code) : [];
    if (below.length > 0) return [region.value, ...below];
  }
  return [];
}

/** The tree of all divisions; it is large, changes once a year, and is asked for only where one is chosen. */
export function useDivisions(): { tree: Region[]; pending: boolean } {
  const query = useQuery({
    queryKey: ["/catalog/divisions"],
    queryFn: ({ signal }) => api.get<{ names: Record<string, string> }>("/catalog/divisions", undefined, signal),
    staleTime: Infinity,
  });
  const tree = useMemo(() => regionTree(query.data?.names ?? {}), [query.data]);
  return { tree, pending: query.isPending };
}
