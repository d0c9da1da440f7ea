import { expect, test } from "vitest";
import { after, inOrder, START } from "./types";

test("a new step comes a day after the last one, never past the plan's end", () => {
  expect(after([])).toEqual(START);
  expect(after([{ ...START, day: 3, at: "20:00", title: "x" }])).toEqual({ ...START, day: 4, at: "20:00" });
  expect(after([{ ...START, day: 60 }]).day).toBe(60);
});

test("steps are in the order of their days and times", () => {
  const given = [{ day: 2, at: "09:00" }, { day: 1, at: "20:00" }, { day: 1, at: "09:30" }];
  expect(inOrder(given).map((one) => `${one.day} ${one.at}`)).toEqual(["1 09:30", "1 20:00", "2 09:00"]);
});
