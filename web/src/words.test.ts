import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const here = import.meta.dirname;

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));
}

/** Plural forms differ between the languages, so `day_one` and `day_other` count as `day`. */
function keysOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path.replace(/_(zero|one|two|few|many|other)$/, "")];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, path ? `${path}.${key}` : key));
}

function keys(file: string): string[] {
  return [...new Set(keysOf(JSON.parse(readFileSync(file, "utf8"))))].sort();
}

const zhFiles = files(here, /(^|\/)zh\.json$/);

test("every room has its words", () => {
  expect(zhFiles.length).toBeGreaterThan(2);
});

test.each(zhFiles.map((file) => [file.slice(here.length + 1), file]))("%s and its English say the same things", (_name, file) => {
  expect(keys(file.replace(/zh\.json$/, "en.json"))).toEqual(keys(file));
});

/** Comments may quote the trade's own words; what reaches a reader may not be written into the code. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:])\/\/.*$/gm, "$1");
}

const sources = files(here, /\.tsx?$/).filter((file) => !/\.test\.tsx?$|\.gen\.ts$/.test(file));

test.each(sources.map((file) => [file.slice(here.length + 1), file]))("%s holds no Chinese text of its own", (_name, file) => {
  expect(/[\u4e00-\u9fff]/.exec(withoutComments(readFileSync(file, "utf8")))?.[0]).toBeUndefined();
});
