import i18next from "i18next";
import type { Kind } from "@/shared/canvas";
import type { Language } from "@/shared/i18n";

/** "同意 Approve" or "同意 | Approve": what a kind offers to begin with, in both languages. */
const BOTH = /^(\p{Script=Han}[^A-Za-z|]*?)\s*(?:\|\s*|\s)([A-Za-z].*)$/u;

function half(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((one) => half(one, language));
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, half(one, language)]));
  const both = typeof value === "string" ? BOTH.exec(value) : null;
  if (both) return both[language === "en" ? 2 : 1];
  // Kept by the server in one language, since a customer reads it: a few words that a drawing begins with.
  return typeof value === "string" && i18next.exists(`flows:first.${value}`) ? i18next.t(`flows:first.${value}`, { lng: language }) : value;
}

/** A text that still holds both languages (a default nobody has changed, a file from elsewhere) is shown in the reader's; every other as it is. */
export function readersHalf(text: string, language: Language): string {
  if (!text.includes(" | ")) return text;
  const both = BOTH.exec(text);
  return both?.[language === "en" ? 2 : 1] ?? text;
}

/** The kind with its first configuration in the reader's language: from here on the words are hers to change. */
export function inReadersWords(kind: Kind, language: Language): Kind {
  return { ...kind, default_config: half(kind.default_config, language) as Kind["default_config"] };
}
