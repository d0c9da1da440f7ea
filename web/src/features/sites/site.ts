import type { Schemas } from "@/shared/api";

export type Site = Schemas["SourceOut"];

/** The line for every page's head. The host is ours as the browser sees it. */
export function snippetOf(key: string, host: string): string {
  return `<script src="${host}/beacon.js" data-site="${key}" data-consent="no" defer></script>`;
}
