import i18next from "i18next";
import type { ErrorPlace } from "@/shared/api";
import { say } from "@/shared/i18n";

/** `body.assignments[0].role_id` -> `assignments`, `role_id`; `body[3]` is the fourth sign of a field that is called body. */
export function partsOf(where: string): string[] {
  const [first, ...rest] = where.split(/[.[\]]+/).filter((part) => part !== "" && !/^\d+$/.test(part));
  if (first === undefined) return [];
  return rest.length > 0 && ["body", "query", "path"].includes(first) ? rest : [first, ...rest];
}

/** The last part with a name says which field it is. */
export function fieldOf(where: string): string {
  return partsOf(where).at(-1) ?? "";
}

/** What is wrong, led by what the screen calls the field; a field no screen has a word for goes unnamed rather than by its code. */
export function placeText({ where, what }: ErrorPlace): string {
  const key = `shared:field.${fieldOf(where)}`;
  const text = say(what);
  return i18next.exists(key) ? i18next.t("shared:state.place", { field: i18next.t(key), what: text }) : text;
}
