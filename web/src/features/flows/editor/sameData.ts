function sameField(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === "object" && typeof other === "object" && JSON.stringify(one) === JSON.stringify(other));
}

/** Do two drawings of a block or an arrow say the same? Functions count by identity, small values by what they hold. */
export function sameData(one: Record<string, unknown> | undefined, other: Record<string, unknown> | undefined): boolean {
  if (one === other || !one || !other) return one === other;
  return Object.keys(other).every((name) => sameField(one[name], other[name]));
}
