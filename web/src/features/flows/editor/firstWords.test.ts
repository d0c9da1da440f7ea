import { expect, test } from "vitest";
import { KINDS } from "@/shared/canvas/drawings";
import { inReadersWords } from "./firstWords";

const goal = KINDS.get("goal");
if (!goal) throw new Error("no kind");
const kind = { ...goal, default_config: { answers: [{ name: "approved", label: "同意 Approve" }, { name: "no", label: "再想想 | Think again" }], note: "给 VIP 客户", reason: "流程奖励", days: 3 } };

test("what a kind offers in both languages begins in the reader's", () => {
  expect(inReadersWords(kind, "zh").default_config).toMatchObject({ answers: [{ name: "approved", label: "同意" }, { label: "再想想" }], days: 3 });
  expect(inReadersWords(kind, "en").default_config).toMatchObject({ answers: [{ name: "approved", label: "Approve" }, { label: "Think again" }] });
});

test("a text in one language stays as it is", () => {
  expect(inReadersWords({ ...kind, default_config: { reason: "流程奖励", code: "VIP" } }, "en").default_config).toEqual({ reason: "流程奖励", code: "VIP" });
});
