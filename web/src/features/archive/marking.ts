export interface Part {
  text: string;
  found: boolean;
}

/** A text in parts: those that are one of some words, upper and lower case alike, and what stands between. */
export function split(text: string, words: readonly string[]): Part[] {
  const sought = words.filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  if (sought.length === 0) return [{ text, found: false }];
  return text
    .split(new RegExp(`(${sought.join("|")})`, "giu"))
    .map((part, at) => ({ text: part, found: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}
