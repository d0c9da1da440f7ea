import { expect, test } from "vitest";
import { KINDS } from "@/shared/canvas/drawings";
import { addWords } from "@/shared/i18n";
import en from "../en.json";
import zh from "../zh.json";
import { inReadersWords, readersHalf } from "./firstWords";

addWords("flows", { zh, en });

const goal = KINDS.get("goal");
if (!goal) throw new Error("no kind");
const kind = { ...goal, default_config: { answers: [{ name: "approved", label: "同意 Approve" }, { name: "no", label: "再想想 | Think again" }], note: "给 VIP 客户", reason: "流程奖励", days: 3 } };

test("what a kind offers in both languages begins in the reader's", () => {
  expect(inReadersWords(kind, "zh").default_config).toMatchObject({ answers: [{ name: "approved", label: "同意" }, { label: "再想想" }], days: 3 });
  expect(inReadersWords(kind, "en").default_config).toMatchObject({ answers: [{ name: "approved", label: "Approve" }, { label: "Think again" }] });
});

test("a text in one language stays as it is, but for the few words a drawing begins with", () => {
  const begun = { ...kind, default_config: { reason: "流程奖励", note: "老客户", code: "VIP" } };
  expect(inReadersWords(begun, "en").default_config).toEqual({ reason: "Flow reward", note: "老客户", code: "VIP" });
  expect(inReadersWords(begun, "zh").default_config).toEqual(begun.default_config);
});

test("what still holds both languages is shown in the reader's, and nobody's own bar is taken for one", () => {
  expect([readersHalf("主管审批 | Approval", "zh"), readersHalf("主管审批 | Approval", "en")]).toEqual(["主管审批", "Approval"]);
  expect(readersHalf("满 100 | 减 20", "en")).toBe("满 100 | 减 20");
  expect(readersHalf("给 VIP 客户", "en")).toBe("给 VIP 客户");
});
