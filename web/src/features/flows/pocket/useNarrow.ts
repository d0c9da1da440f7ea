import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(width < 900px)");

function subscribe(onChange: () => void): () => void {
  narrow.addEventListener("change", onChange);
  return () => narrow.removeEventListener("change", onChange);
}

/** Too narrow to draw on: a phone, or a tablet held upright. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}
