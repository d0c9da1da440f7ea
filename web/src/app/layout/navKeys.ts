const ITEM = "[data-nav]";

function step(items: readonly HTMLElement[], key: string): HTMLElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return undefined;
  if (key === "ArrowDown") return items[Math.min(at + 1, items.length - 1)];
  if (key === "ArrowUp") return items[Math.max(at - 1, 0)];
  if (key === "Home") return items[0];
  return key === "End" ? items.at(-1) : undefined;
}

/** Opens and closes: right opens the group in focus, left closes it, and from one of its pages goes back to its head. */
function turn(item: HTMLElement, key: string): boolean {
  const open = item.getAttribute("aria-expanded");
  if (key === "ArrowRight" && open === "false") item.click();
  else if (key === "ArrowLeft" && open === "true") item.click();
  else if (key === "ArrowLeft" && item.dataset.of) document.querySelector<HTMLElement>(`[aria-controls="${item.dataset.of}"]`)?.focus();
  else return false;
  return true;
}

/** Moves through what is shown of the navigation with the arrow keys, Home and End; says whether the key meant anything. */
export function moveFocus(inside: HTMLElement, key: string): boolean {
  const items = [...inside.querySelectorAll<HTMLElement>(ITEM)];
  const next = step(items, key);
  if (next) {
    next.focus();
    return true;
  }
  const item = items.find((one) => one === document.activeElement);
  return item ? turn(item, key) : false;
}
