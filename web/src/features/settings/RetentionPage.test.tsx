import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "antd";
import { MemoryRouter } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { api, ApiError } from "@/shared/api";
import { addWords } from "@/shared/i18n";
import en from "./en.json";
import { RetentionPage } from "./RetentionPage";
import zh from "./zh.json";

let may = true;
vi.mock("@/shared/session", async (original) => ({ ...(await original<object>()), useCan: () => () => may }));

addWords("settings", { zh, en });
const items = [{ what: "steps", label: { zh: "Steps", en: "Steps" }, days: 400, default: 400, least: 30 }];

function open() {
  vi.spyOn(api, "get").mockImplementation(() => Promise.resolve({ items } as never));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <App>
          <RetentionPage />
        </App>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

async function type(text: string) {
  const box = await screen.findByRole("spinbutton");
  await userEvent.clear(box);
  await userEvent.type(box, text);
}

beforeEach(() => {
  may = true;
  vi.restoreAllMocks();
});

test("keeping for less says what will be deleted, and is sent", { timeout: 90_000 }, async () => {
  const put = vi.spyOn(api, "put").mockResolvedValue({ items });
  open();
  expect(await screen.findByText(zh.retention.what.steps)).toBeVisible();
  expect(screen.queryByRole("button", { name: zh.retention.shorten })).toBeNull();
  await type("90");
  await userEvent.click(screen.getByRole("button", { name: zh.retention.shorten }));
  await waitFor(() => expect(put).toHaveBeenCalledWith("/settings/retention/steps", { days: 90 }));
});

test("fewer days than must be kept are not sent", { timeout: 90_000 }, async () => {
  const put = vi.spyOn(api, "put").mockResolvedValue({ items });
  open();
  await type("7{Enter}");
  expect(screen.queryByRole("button", { name: zh.retention.shorten })).toBeNull();
  expect(await screen.findByText(zh.retention.range.replace("{{least}}", "30").replace("{{most}}", "36,500"))).toBeVisible();
  expect(put).not.toHaveBeenCalled();
});

test("what the server refuses stands beside the field", { timeout: 90_000 }, async () => {
  vi.spyOn(api, "put").mockRejectedValue(new ApiError(422, "retention_days", { zh: "a", en: "a" }, [{ where: "days", what: { zh: "too few", en: "too few" } }]));
  open();
  await type("60");
  await userEvent.click(screen.getByRole("button", { name: zh.retention.shorten }));
  expect(await screen.findByText("too few")).toBeVisible();
});

test("who may only look changes nothing", { timeout: 90_000 }, async () => {
  may = false;
  open();
  expect(await screen.findByRole("spinbutton")).toBeDisabled();
  expect(screen.queryByRole("button")).toBeNull();
});
