import { say, type Language } from "@/shared/i18n";
import type { FieldChange, Kind } from "@/shared/canvas";
import type { Words } from "@/shared/i18n";

interface Schema {
  title?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  $ref?: string;
  anyOf?: Schema[];
  $defs?: Record<string, Schema>;
  "x-ui"?: { options?: { value: unknown; label: Words }[] };
}

function resolved(schema: Schema | undefined, root: Schema): Schema | undefined {
  const name = schema?.$ref?.split("/").at(-1);
  if (name) return root.$defs?.[name];
  const some = schema?.anyOf?.find((one) => one.$ref ?? one.properties);
  return some ? resolved(some, root) : schema;
}

function titled(schema: Schema | undefined, language: Language, fallback: string): string {
  const [zh = "", en = ""] = (schema?.title ?? "").split("|").map((half) => half.trim());
  return zh && en ? say({ zh, en }, language) : fallback;
}

/** What a changed field is called on the form, and its values in the reader's words. */
export function wordsOf(change: FieldChange, kind: Kind | undefined, language: Language, names: ReadonlyMap<string, string>): { field: string; before: string; after: string } {
  const root = (kind?.config_schema ?? {}) as Schema;
  let at: Schema | undefined = root;
  let own: Schema | undefined;
  const parts: string[] = [];
  for (const step of change.path.slice(1)) {
    if (typeof step === "number") {
      at = resolved(at?.items, root);
      parts.push(String(step + 1));
    } else {
      own = at?.properties?.[step];
      parts.push(titled(own, language, step));
      at = resolved(own, root);
    }
  }
  const worded = (value: unknown): string => {
    const option = own?.["x-ui"]?.options?.find((one) => one.value === value);
    if (option) return say(option.label, language);
    if (value === undefined || value === null || value === "") return "—";
    if (typeof value === "string") return names.get(value) ?? value;
    return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
  };
  return { field: parts.join(" · "), before: worded(change.before), after: worded(change.after) };
}
