import { expect, it } from "vitest";
import { keyed, sumOf } from "./items";

it("gives new items keys that no other has, and keeps those there are", () => {
  const items = keyed([{ key: "speed", name: "快", points: 60 }, { name: " 准 ", points: 30 }, { key: "item_1", name: "好", points: 10 }, {}]);
  expect(items.map((one) => one.key)).toEqual(["speed", "item_2", "item_1", "item_3"]);
  expect(items[1]?.name).toBe("准");
  expect(sumOf([...items, undefined])).toBe(100);
});
