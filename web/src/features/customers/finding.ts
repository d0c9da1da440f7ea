/** So many letters are asked for before anybody is looked for. */
export const FEWEST_LETTERS = 2;

/** What tells one customer from another in a list to choose from. */
export function lineOf(one: { name?: string | null | undefined; phone?: string | null | undefined; city?: string | null | undefined }, unnamed: string): string {
  return [one.name ?? unnamed, one.phone, one.city].filter(Boolean).join(" · ");
}
