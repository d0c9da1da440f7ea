import { expect, test } from "vitest";
import { differing, heldBack, ownValues, wrongWith, type Setting, type Store } from "./values";

const TEXT: Setting = { name: "wording", label: "Words", type: "text", default: "come again", least: null, most: null, length: 5 };
const NUMBER: Setting = { name: "threshold", label: "From", type: "number", default: 200, least: 100, most: 500, length: 200 };
const SWITCH: Setting = { name: "remind", label: "Remind", type: "bool", default: true, least: null, most: null, length: 200 };
const ALL = [TEXT, NUMBER, SWITCH];

function store(values: Store["values"], effective: Store["effective"]): Store {
  return { store_id: "s", code: "S", name: "East", values, effective, updated_at: null, updated_by: null };
}

test("what is left empty goes back to head office's; off and nought are values; what is closed is not sent", () => {
  expect(ownValues(ALL, { wording: "", threshold: null, remind: undefined })).toEqual({});
  expect(ownValues(ALL, { wording: "hi", threshold: 0, remind: false, closed: 1 })).toEqual({ wording: "hi", threshold: 0, remind: false });
});

test("a value outside the limits says which they are", () => {
  expect(wrongWith(NUMBER, 99.5)).toEqual({ code: "between", low: 100, high: 500 });
  expect(wrongWith({ ...NUMBER, most: null }, 99)).toEqual({ code: "least", low: 100 });
  expect(wrongWith({ ...NUMBER, least: null }, 501)).toEqual({ code: "most", high: 500 });
  expect(wrongWith(NUMBER, 500)).toBeNull();
  expect(wrongWith(TEXT, "🎁🎁🎁🎁🎁")).toBeNull();
  expect(wrongWith(TEXT, "123456")).toEqual({ code: "long", n: 5 });
  expect(wrongWith(SWITCH, false)).toBeNull();
});

test("a store differs by what its customers get, and is told what the limits hold back", () => {
  const east = store({ wording: "hi", threshold: 60, remind: true }, { wording: "hi", threshold: 100, remind: true });
  expect(differing(ALL, east).map(({ name }) => name)).toEqual(["wording", "threshold"]);
  expect(ALL.filter((one) => heldBack(one, east))).toEqual([NUMBER]);
  expect(differing(ALL, store({}, { wording: "come again", threshold: 200, remind: true }))).toEqual([]);
});
