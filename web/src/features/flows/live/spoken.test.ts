import { expect, it } from "vitest";
import { spoken } from "./spoken";

it("says a reason in the reader's language", () => {
  expect(spoken("渠道拒收 | refused by the channel", "zh")).toBe("渠道拒收");
  expect(spoken("渠道拒收 | refused by the channel", "en")).toBe("refused by the channel");
  expect(spoken("division by zero", "en")).toBe("division by zero");
});
