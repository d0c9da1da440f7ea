import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App, Form, Input } from "antd";
import { expect, test } from "vitest";
import { ApiError, type ErrorPlace } from "@/shared/api";
import { partsOf } from "./places";
import { useTold } from "./told";

const say = (text: string) => ({ zh: text, en: text });

function Sample({ places }: { places: ErrorPlace[] }) {
  const [form] = Form.useForm<object>();
  const told = useTold();
  return (
    <Form form={form} initialValues={{ unseen: "x" }} onFinish={() => told.refused(form)(new ApiError(422, "bad", say("refused"), places))}>
      <Form.Item name="name" label="Name">
        <Input />
      </Form.Item>
      <Form.Item name="assignments" label="Roles">
        <Input />
      </Form.Item>
      <Form.Item name={["filters", "city"]} label="City">
        <Input />
      </Form.Item>
      <button type="submit">Send</button>
    </Form>
  );
}

async function send(places: ErrorPlace[]) {
  render(
    <App>
      <Sample places={places} />
    </App>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
}

function errorsOf(label: string): string {
  return screen.getByLabelText(label).closest(".ant-form-item")?.querySelector(".ant-form-item-explain")?.textContent ?? "";
}

test("what was refused stands beside its field, however deep its place is", { timeout: 60_000 }, async () => {
  await send([
    { where: "body.name", what: say("taken") },
    { where: "body.assignments[1].role_id", what: say("no such role") },
    { where: "filters.city", what: say("cannot be read") },
  ]);
  expect(await screen.findByText("taken")).toBeInTheDocument();
  expect(errorsOf("Name")).toBe("taken");
  expect(errorsOf("Roles")).toBe("no such role");
  expect(errorsOf("City")).toBe("cannot be read");
  expect(screen.queryByText("refused")).toBeNull();
});

test("a field may be called body itself", () => {
  expect(partsOf("body[12]")).toEqual(["body"]);
  expect(partsOf("body.name")).toEqual(["name"]);
  expect(partsOf("query.q")).toEqual(["q"]);
  expect(partsOf("")).toEqual([]);
});

test("what has no field that is shown is told aloud", { timeout: 60_000 }, async () => {
  await send([{ where: "unseen", what: say("out of range") }]);
  expect(await screen.findByText("refused")).toBeInTheDocument();
  expect(screen.getByText(/out of range/)).toBeInTheDocument();
});
