export const WHOLE = 100;

export interface Item {
  key: string;
  name: string;
  points: number;
}

/** What the items are worth together; those that are not filled in yet count for nothing. */
export function sumOf(items: readonly (Partial<Item> | undefined)[]): number {
  return items.reduce((sum, one) => sum + (one?.points ?? 0), 0);
}

/** The same items, with a key for those that are new: one that no other has. */
export function keyed(items: readonly Partial<Item>[]): Item[] {
  const taken = new Set(items.flatMap((one) => (one.key ? [one.key] : [])));
  let last = 0;
  const fresh = () => {
    do last += 1;
    while (taken.has(`item_${last}`));
    return `item_${last}`;
  };
  return items.map((one) => ({ key: one.key ?? fresh(), name: (one.name ?? "").trim(), points: one.points ?? 0 }));
}
