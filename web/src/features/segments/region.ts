/** The expression for whoever is in all of `inside` and in none of the others that were compared. */
export function regionExpression(inside: readonly string[], compared: readonly string[]): string {
  const chosen = new Set(inside);
  return compared.map((id) => (chosen.has(id) ? `in_segment('${id}')` : `not in_segment('${id}')`)).join(" and ");
}
