const KEY = "tandem.reloaded";
/** Within this time a second failure is not mended by yet another reload. */
const PAUSE_MS = 60_000;

/**
 * A tab that stayed open while a newer version was installed asks for chunks that are gone. It loads itself anew, once: if the
 * chunk is still missing after that, the screen says so instead of reloading for ever.
 */
export function reloadWhenStale(target: EventTarget = window, reload: () => void = () => window.location.reload(), now: () => number = Date.now): void {
  target.addEventListener("vite:preloadError", () => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (now() - last < PAUSE_MS) return;
    sessionStorage.setItem(KEY, String(now()));
    reload();
  });
}
