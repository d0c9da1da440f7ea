import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "antd";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "@/shared/api";
import { addWords } from "@/shared/i18n";
import { exportAddress } from "@/shared/pages";
import en from "./en.json";
import { NewExport } from "./NewExport";
import zh from "./zh.json";

addWords("exports", { zh, en });

afterEach(() => vi.restoreAllMocks());

const label = { zh: "a", en: "a" };
const lists = [
  { name: "customers", label, filters: ["city"], personal: true, columns: [label] },
  { name: "orders", label, filters: ["status", "q", "from"], personal: true, columns: [label] },
];

function open(begun: { list: string; filters: Record<string, string> }) {
  vi.spyOn(api, "get").mockImplementation(() => Promise.resolve({ lists, plain: false, approves: false } as never));
  const post = vi.spyOn(api, "post").mockResolvedValue({ status: "queued" });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <NewExport begun={begun} onDone={() => undefined} />
      </App>
    </QueryClientProvider>,
  );
  return post;
}

test("a list's button tells which list and what narrows it", () => {
  expect(exportAddress("orders", { status: "paid", q: "", from: null })).toBe("/exports?list=orders&status=paid");
});

test("an export begun on a list has the list's filters", { timeout: 90_000 }, async () => {
  const post = open({ list: "orders", filters: { status: "paid", q: "T1", from: "2017-10-02", odd: "x" } });
  await userEvent.click(await screen.findByRole("button", { name: zh.make }));
  await waitFor(() => expect(post).toHaveBeenCalled());
  expect(post.mock.calls[0]?.[1]).toMatchObject({ list: "orders", filters: { status: "paid", q: "T1", from: "2017-10-02" } });
  expect(post.mock.calls[0]?.[1]).not.toHaveProperty("filters.odd");
});

test("what was searched for does not go into an export that cannot have it, and that is said", { timeout: 90_000 }, async () => {
  const post = open({ list: "customers", filters: { city: "x", q: "y" } });
  expect(await screen.findByText(zh.searchStays)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: zh.make }));
  await waitFor(() => expect(post).toHaveBeenCalled());
  expect(post.mock.calls[0]?.[1]).toMatchObject({ filters: { city: "x" } });
  expect(post.mock.calls[0]?.[1]).not.toHaveProperty("filters.q");
});
