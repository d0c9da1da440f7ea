import type { Schemas } from "@/shared/api";

export type Setting = Schemas["StoreSettingOut"];
export type Store = Schemas["FlowStoreOut"];
export type StoreValue = Setting["default"];
export type Draft = Record<string, StoreValue | null | undefined>;

/** What is wrong with a value, and the limits to name; the server asks the same. */
export type Wrong = { code: "long"; n: number } | { code: "between"; low: number; high: number } | { code: "least"; low: number } | { code: "most"; high: number };

/** Nothing written means head office's value. */
function isOwn(value: Draft[string]): value is StoreValue {
  return value !== null && value !== undefined && value !== "";
}

/** What is sent: a store's own values of what is open today. Left out goes back to head office's. */
export function ownValues(settings: readonly Setting[], draft: Draft): Record<string, StoreValue> {
  return Object.fromEntries(
    settings.flatMap(({ name }): [string, StoreValue][] => {
      const value = draft[name];
      return isOwn(value) ? [[name, value]] : [];
    }),
  );
}

/** As many characters as the server counts: a pictogram is one. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

export function wrongWith(setting: Setting, value: Draft[string]): Wrong | null {
  if (typeof value === "string" && setting.type === "text") return lengthOf(value) > setting.length ? { code: "long", n: setting.length } : null;
  if (typeof value !== "number") return null;
  const { least, most } = setting;
  const outside = (least !== null && value < least) || (most !== null && value > most);
  if (!outside) return null;
  if (least !== null && most !== null) return { code: "between", low: least, high: most };
  return least !== null ? { code: "least", low: least } : { code: "most", high: most ?? value };
}

/** The settings in which a store's customers get something else than head office's. */
export function differing(settings: readonly Setting[], store: Store): Setting[] {
  return settings.filter(({ name, default: usual }) => store.effective[name] !== undefined && store.effective[name] !== usual);
}

/** A value that head office's limits of today hold back: the store has set it, its customers get another. */
export function heldBack({ name }: Setting, store: Store): boolean {
  const own = store.values[name];
  return own !== undefined && own !== store.effective[name];
}
