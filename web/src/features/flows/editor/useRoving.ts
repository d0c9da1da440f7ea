import { useEffect, type FocusEvent, type KeyboardEvent, type RefObject } from "react";

/** Which of so many is next by a key; null for a key that does not move. */
export function stepTo(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  const found = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1, PageDown: at + 10, PageUp: at - 10 }[key];
  return found === undefined ? null : Math.max(0, Math.min(count - 1, found));
}

function itemsIn(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>("[data-roving]") ?? [])];
}

/**
 * One stop of Tab for a long list, arrows within. The items render with `tabIndex={-1}` and `data-roving`; which one is the stop is written to
 * the elements, since telling ninety items on every arrow would render them all again.
 */
export function useRoving(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const items = itemsIn(list.current);
    if (!items.some((one) => one.tabIndex === 0) && items[0]) items[0].tabIndex = 0;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsIn(list.current);
    const next = stepTo(event.key, items.indexOf(event.target as HTMLElement), items.length);
    if (next === null || !items.includes(event.target as HTMLElement)) return;
    event.preventDefault();
    items[next]?.focus();
  };
  const onFocus = (event: FocusEvent) => {
    const items = itemsIn(list.current);
    if (!items.includes(event.target as HTMLElement)) return;
    for (const one of items) one.tabIndex = one === event.target ? 0 : -1;
  };
  /** From outside, such as the search above the list. */
  const enter = () => itemsIn(list.current)[0]?.focus();
  return { onKeyDown, onFocus, enter };
}
