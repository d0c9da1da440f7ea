import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { like, split, toSeconds } from "./duration";
import { initialValues, isShown, resolve, titleOf, type Schema, type Values } from "./schema";
import { SchemaForm } from "./SchemaForm";

// As pydantic writes it: a reference, an optional field, a list of objects, a decimal.
const schema: Schema = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", title: "\u540d\u79f0 | Name" },
    limit: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null, title: "Limit" },
    amount: { anyOf: [{ type: "number" }, { type: "string" }], title: "Amount" },
    mode: { $ref: "#/$defs/Mode", title: "Mode" },
    ways: { type: "array", items: { $ref: "#/$defs/Way" }, minItems: 1, title: "Ways" },
  },
  $defs: {
    Mode: { type: "string", enum: ["hold", "skip"] },
    Way: { type: "object", properties: { label: { type: "string", title: "Label" } } },
  },
};

test("references and optional fields resolve to what they mean", () => {
  expect(resolve({ $ref: "#/$defs/Mode", title: "Mode" }, schema)).toMatchObject({ enum: ["hold", "skip"], title: "Mode" });
  expect(resolve({ anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], title: "Limit" }, schema)).toMatchObject({ type: "integer", minimum: 1, title: "Limit" });
  expect(resolve({ anyOf: [{ type: "number" }, { type: "string" }] }, schema)).toMatchObject({ type: "string", format: "decimal" });
});

test("a fresh form has a value for every field", () => {
  expect(initialValues(schema)).toEqual({ name: "", limit: null, amount: "", mode: "hold", ways: [{ label: "" }] });
});

test("titles carry both languages; fields may depend on a sibling", () => {
  expect(titleOf({ title: "\u540d\u79f0 | Name" }, "name", "en")).toBe("Name");
  expect(titleOf({ title: "\u540d\u79f0 | Name" }, "name", "zh")).toBe("\u540d\u79f0");
  expect(isShown({ "x-ui": { show_if: { kind: ["a", "b"] } } }, { kind: "b" })).toBe(true);
  expect(isShown({ "x-ui": { show_if: { kind: "a" } } }, { kind: "b" })).toBe(false);
});

test.each([
  ["P7D", 604_800],
  ["PT2H30M", 9_000],
  ["PT0S", 0],
  ["7 days", 604_800],
  [3_600, 3_600],
  ["next week", null],
])("duration %s is %s seconds", (value, seconds) => {
  expect(toSeconds(value)).toBe(seconds);
});

test("a duration is written back in the form it came in", () => {
  expect(split(172_800)).toEqual({ amount: 2, unit: "days" });
  expect(like("7 days", 3, "hours")).toBe("3 hours");
  expect(like(60, 2, "minutes")).toBe(120);
  expect(toSeconds(like("P7D", 2, "days"))).toBe(172_800);
});

function Harness({ onValue }: { onValue: (value: Values) => void }) {
  const [value, setValue] = useState<Values>(initialValues(schema));
  return (
    <QueryClientProvider client={new QueryClient()}>
      <SchemaForm
        schema={schema}
        value={value}
        findings={[{ where: "ways[0].label", text: "needs a label" }]}
        onChange={(next) => {
          setValue(next);
          onValue(next);
        }}
      />
    </QueryClientProvider>
  );
}

test("typing, adding to a list, and a finding at its place", async () => {
  let latest: Values = {};
  render(<Harness onValue={(value) => (latest = value)} />);
  await userEvent.type(screen.getByRole("textbox", { name: "\u540d\u79f0" }), "ok");
  expect(latest.name).toBe("ok");
  expect(screen.getByText("needs a label")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: /\u6dfb\u52a0/ }));
  expect(latest.ways).toHaveLength(2);
});
