import { useEffect } from "react";

/** The parts of the board in the order in which F6 leads through them; each is marked by `data-region`. */
export const REGIONS = ["palette", "canvas", "form", "problems", "tools"] as const;
export type Region = (typeof REGIONS)[number];

const FOCUSABLE = "input:not([disabled]), button:not([disabled]):not([tabindex='-1']), a[href], [tabindex='0']";

function partOf(region: Region): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-region="${region}"]`);
}

/** Where one arrives in a part: on the canvas at the selected block, else at the first; elsewhere at the first thing to press or fill in. */
function arrival(region: Region): HTMLElement | null {
  const part = partOf(region);
  const block = region === "canvas" ? (part?.querySelector<HTMLElement>(".react-flow__node.selected") ?? part?.querySelector<HTMLElement>(".react-flow__node")) : null;
  return block ?? part?.querySelector<HTMLElement>(FOCUSABLE) ?? null;
}

export function focusRegion(region: Region): boolean {
  const target = arrival(region);
  target?.focus();
  return target !== null;
}

/** The next part that is there, round and round. */
export function regionAfter(from: Region | null, back: boolean, there: (region: Region) => boolean): Region | null {
  const begin = from === null ? (back ? 0 : -1) : REGIONS.indexOf(from);
  for (let step = 1; step <= REGIONS.length; step += 1) {
    const next = REGIONS[(begin + (back ? -step : step) + 2 * REGIONS.length) % REGIONS.length];
    if (next !== undefined && there(next)) return next;
  }
  return null;
}

/** F6 goes from part to part, with Shift back: no part's own stops lie in between. */
export function useRegions(enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F6" || event.ctrlKey || event.metaKey || event.altKey) return;
      const here = event.target instanceof HTMLElement ? (event.target.closest<HTMLElement>("[data-region]")?.dataset.region as Region | undefined) : undefined;
      const next = regionAfter(here ?? null, event.shiftKey, (region) => arrival(region) !== null);
      if (next === null) return;
      event.preventDefault();
      focusRegion(next);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [enabled]);
}
