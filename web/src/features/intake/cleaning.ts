/** The rules that a source's values can be spelt by, in the order of the files' own. */
export const RULES = ["spaces", "width", "phone", "email", "money", "units", "region"] as const;

/** What a mapping says of cleaning: the rules it names, all where it names none, nothing where it is no mapping. */
export function chosenIn(mapping: unknown): string[] | null {
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) return null;
  const named: unknown = (mapping as Record<string, unknown>).cleaning;
  return Array.isArray(named) ? named.map(String) : [...RULES];
}

/** The mapping with these rules; all of them need not be named. */
export function choosing(mapping: unknown, rules: readonly string[]): unknown {
  const others = Object.fromEntries(Object.entries(mapping as Record<string, unknown>).filter(([name]) => name !== "cleaning"));
  const ordered = RULES.filter((one) => rules.includes(one));
  return ordered.length === RULES.length ? others : { ...others, cleaning: ordered };
}
