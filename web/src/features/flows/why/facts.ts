import type { Block } from "@/shared/canvas";

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** The arm is named by the way taken already, and the number of a bandit's allocation is ours alone. */
const OURS = new Set(["arm", "allocation"]);

/** What says something to a person: none of our own ids and numbers, and what a run keeps value by value. */
export function telling(facts: Record<string, unknown> | null | undefined): [string, unknown][] {
  const open = Object.entries(facts ?? {}).flatMap(([name, value]) => (name === "kept" && typeof value === "object" && value !== null ? Object.entries(value) : [[name, value] as [string, unknown]]));
  return open.filter(([name, value]) => !OURS.has(name) && !(typeof value === "string" && ID.test(value)));
}

/** Does a fact only say again which way was taken? `worded` gives a value as a reader says it. */
export function repeats([name, value]: [string, unknown], way: string | null, worded: (value: string) => string): boolean {
  return way !== null && (name === "ruling" || (typeof value === "string" && worded(value) === way));
}

export function isMoment(value: unknown): value is string {
  return typeof value === "string" && MOMENT.test(value);
}

/** What the values that stores set are called in a drawing, by the name that is kept and the one that conditions read. */
export function settingNames({ blocks }: { blocks: readonly Pick<Block, "config">[] }): Map<string, string> {
  const named = new Map<string, string>();
  for (const { config } of blocks) {
    const settings: unknown = config.settings;
    if (!Array.isArray(settings)) continue;
    for (const one of settings as { name?: unknown; label?: unknown }[])
      if (typeof one.name === "string" && typeof one.label === "string") named.set(one.name, one.label).set(`run.${one.name}`, one.label);
  }
  return named;
}
