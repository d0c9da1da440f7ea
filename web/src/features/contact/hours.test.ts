import { expect, test } from "vitest";
import { daysText, hoursText } from "./hours";

const day = (number: number) => "一二三四五六日"[number - 1] ?? "";

test("days that follow one another are drawn together", () => {
  expect(daysText([1, 2, 3, 4, 5], day, "至", "、")).toBe("一至五");
  expect(daysText([6, 7], day, "至", "、")).toBe("六、日");
  expect(daysText([7, 1, 2, 3], day, "至", "、")).toBe("一至三、日");
  expect(hoursText({ days: [5], from: "22:00", until: "06:00" }, day, "至", "、")).toBe("五 22:00–06:00");
});
