import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import i18next from "i18next";
import { useEffect } from "react";
import { initReactI18next, useTranslation } from "react-i18next";
import en from "./en.json";
import zh from "./zh.json";

export type Language = "zh" | "en";

/** A text the server sends in both languages. */
export interface Words {
  zh: string;
  en: string;
}

const KEY = "tandem.language";

function initial(): Language {
  return localStorage.getItem(KEY) === "en" ? "en" : "zh";
}

void i18next.use(initReactI18next).init({
  lng: initial(),
  fallbackLng: "zh",
  ns: ["shared"],
  defaultNS: "shared",
  resources: { zh: { shared: zh }, en: { shared: en } },
  // A number in a sentence reads like a number in a table: 100,000. Texts pass as they are.
  interpolation: { escapeValue: false, alwaysFormat: true, format: (value: unknown) => (typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 20 }) : value) as string },
  initAsync: false,
  returnNull: false,
  showSupportNotice: false,
});

function settle(language: Language): void {
  dayjs.locale(language === "zh" ? "zh-cn" : "en");
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
settle(initial());

/** Each feature brings its own words in its own chunk: call once at the top of the feature's entry file. */
export function addWords(feature: string, words: Record<Language, object>): void {
  i18next.addResourceBundle("zh", feature, words.zh, true, true);
  i18next.addResourceBundle("en", feature, words.en, true, true);
}

export function changeLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  settle(language);
  void i18next.changeLanguage(language);
}

export function currentLanguage(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "en" ? "en" : "zh";
}

/** Reads a server-sent pair of texts in the reader's language. */
export function useSay(): (words: Words | string | null | undefined) => string {
  const language = useLanguage();
  return (words) => say(words, language);
}

export function say(words: Words | string | null | undefined, language: Language = currentLanguage()): string {
  if (words === null || words === undefined) return "";
  if (typeof words === "string") return words;
  return words[language] || words.zh || words.en;
}

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Tandem` : "Tandem";
  }, [title]);
}

export { useTranslation };
