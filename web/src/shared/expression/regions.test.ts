import { expect, test } from "vitest";
import { regionPath, regionTree } from "./regions";

const tree = regionTree({ "310101": "黄浦区", "310000": "上海市", "310100": "市辖区", "440000": "广东省", "440300": "深圳市", "440305": "南山区", "429004": "仙桃市", "429000": "省直辖县级行政区划", "420000": "湖北省" });

test("counties of a municipality stand below it, levels that nobody says are left out", () => {
  expect(tree.map((one) => one.label)).toEqual(["上海市", "湖北省", "广东省"]);
  expect(tree[0]?.children?.map((one) => one.label)).toEqual(["黄浦区"]);
  expect(regionPath(tree, "440305")).toEqual(["440000", "440300", "440305"]);
  expect(regionPath(tree, "429004")).toEqual(["420000", "429004"]);
  expect(regionPath(tree, "999999")).toEqual([]);
});
