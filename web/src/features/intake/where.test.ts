import { expect, test } from "vitest";
import { steps } from "./where";

test.each([
  ["events[0].payload.status", ["status"]],
  ["events[12].payload.lines[1].amount", ["lines", 1, "amount"]],
  ["events[0].time", ["time"]],
  ["events[3]", []],
])("a place in a record is told by its fields: %s", (where, expected) => {
  expect(steps(where)).toEqual(expected);
});
