import { expect, test } from "vitest";
import { completed, complaints, keyOf } from "./definition";

test("a key is made of an English name", () => {
  expect(keyOf("Planned opening")).toBe("planned_opening");
  expect(keyOf("2nd visit!")).toBe("nd_visit");
  expect(keyOf("评分")).toBe("");
});

test("what is left out is put in, and no two rows share a key", () => {
  const rows = completed<{ zh: string; en?: string; name?: string }>([{ zh: "评分" }, { zh: "负责人", en: "Owner " }, { zh: "店长", en: "owner" }, { zh: "电话", name: "field_1" }], "field");
  expect(rows.map((one) => [one.en, one.name])).toEqual([
    ["评分", "field_2"],
    ["Owner", "owner"],
    ["owner", "owner_2"],
    ["电话", "field_1"],
  ]);
});

test("a refusal stands at the row it is about", () => {
  const what = { zh: "换一个", en: "another" };
  const draft = { name: "check", zh: "巡检", en: "Check", fields: [{ name: "score", zh: "评分", en: "Score", type: "number" as const }, { name: "owner", zh: "负责人", en: "Owner", type: "text" as const }], stages: [] };
  expect(complaints([{ where: "fields.owner", what }, { where: "label", what }], draft)).toEqual([{ name: ["fields", 1, "name"], what }]);
});
