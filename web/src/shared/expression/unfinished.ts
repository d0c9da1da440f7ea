import { type Tree } from "./tree";

const LITERAL = /'(?:[^'\\\n]|\\.|'')*'|"(?:[^"\\\n]|\\.|"")*"/g;
/** What stands before a text that ought to say something: a comparison, a tag's or a segment's name, a place. */
const ASKS = /(?:=|\bcontains|\bstarts with|\bends with|\bhas_tag\s*\(|\bin_segment\s*\(|\bin_region\s*\([^()]*,)\s*$/;
const EMPTY_AREA = /^['"]\w+:['"]$/;
const EMPTY_LIST = /\[\s*\]/g;

/**
 * How many values of a condition are still to be filled in. The language takes `customer.city = ''` as it stands, and nobody means it: such a
 * condition is neither counted nor saved. Whoever asks for those without a city writes `is missing`.
 */
export function unfinished(text: string): number {
  let gaps = 0;
  const bare = text.replace(LITERAL, (literal, at: number) => {
    const empty = literal.length === 2 && ASKS.test(text.slice(0, at));
    const nowhere = EMPTY_AREA.test(literal) && /\bwithin\s*\([^()]*,\s*$/.test(text.slice(0, at));
    if (empty || nowhere) gaps += 1;
    return "''";
  });
  return gaps + (bare.match(EMPTY_LIST)?.length ?? 0);
}

/** A value that a line of the builder still asks for. */
export function isBlank(value: Tree | undefined): boolean {
  if (!value) return true;
  return value.kind === "text" && (value.value.trim() === "" || /^geofence:\s*$/.test(value.value));
}
