import type { ErrorPlace, Schemas } from "@/shared/api";

export type Draft = Schemas["NewThingType"];

/** A key made of an English name; empty where nothing of it can stand in one. */
export function keyOf(english: string): string {
  const key = english
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 40);
  return key.length < 2 ? "" : key;
}

interface Named {
  name?: string;
  zh: string;
  en?: string;
}

/** Rows with what may be left out put in: the English name is the Chinese one, the key comes from it or counts on. */
export function completed<Row extends Named>(rows: readonly Row[], word: string): (Row & { name: string; en: string })[] {
  const taken = new Set(rows.map((one) => one.name?.trim() ?? ""));
  const free = (wanted: string): string => {
    for (let number = 1; ; number += 1) {
      const name = wanted !== "" && number === 1 ? wanted : `${(wanted || word).slice(0, 36)}_${number}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
  return rows.map((row) => {
    const [en, name] = [row.en?.trim() ?? "", row.name?.trim() ?? ""];
    return { ...row, en: en === "" ? row.zh.trim() : en, name: name === "" ? free(keyOf(en)) : name };
  });
}

/** Which field of the form an answer complains about; those that are about none are left out. */
export function complaints(places: readonly ErrorPlace[], draft: Draft): { name: (string | number)[]; what: ErrorPlace["what"] }[] {
  return places.flatMap(({ where, what }) => {
    const [list, key] = where.split(".");
    if (list !== "fields" && list !== "stages") return [];
    const at = (draft[list] ?? []).findIndex((one) => one.name === key);
    return at < 0 ? [] : [{ name: [list, at, "name"], what }];
  });
}
