import { expect, test } from "vitest";
import { toChoice } from "./choices";

test("every list the server keeps gives choices to pick from", () => {
  const category = { category: "婴幼儿辅食", category_en: "BABY FOODS", department: "母婴", products: 3 };
  expect(toChoice(category, "/categories", "zh")).toEqual({ value: "婴幼儿辅食", label: "婴幼儿辅食" });
  expect(toChoice(category, "/categories", "en")).toEqual({ value: "婴幼儿辅食", label: "BABY FOODS" });
  expect(toChoice({ id: "1", code: "S1", name: "一店" }, "/stores", "zh")).toEqual({ value: "1", label: "一店" });
  expect(toChoice({ name: "vip", label: "贵宾" }, "/tags", "zh")).toEqual({ value: "vip", label: "贵宾" });
});
