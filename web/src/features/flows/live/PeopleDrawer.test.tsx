import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { api } from "@/shared/api";
import { addWords } from "@/shared/i18n";
import en from "../en.json";
import zh from "../zh.json";
import { PeopleDrawer } from "./PeopleDrawer";

const heard: (() => void)[] = [];
vi.mock("@/shared/live", () => ({ useLive: (_topics: string[], act: () => void) => heard.push(act) }));
vi.mock("@/shared/session", async (original) => ({ ...(await original<object>()), useCan: () => () => true }));

addWords("flows", { zh, en });

let people: { id: string; state: string; reason: string | null }[] = [];
let failed = 1;

function line(one: (typeof people)[number]) {
  return { customer_id: null, block: "m", since: null, ...one };
}

beforeEach(() => {
  heard.length = 0;
  people = [];
  failed = 1;
  vi.spyOn(api, "get").mockImplementation((path: string) =>
    Promise.resolve((path.endsWith("/stats") ? { blocks: { m: { entered: 2, inside: 0, failed, ports: {} } }, arms: {} } : { items: people.map(line), next: null }) as never),
  );
});

function open(): QueryClient {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <PeopleDrawer flowId="f" block="m" title="消息" state="failed" onClose={() => undefined} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return client;
}

test("an empty list says that they have moved on and looks again when asked", async () => {
  open();
  expect(await screen.findByText("他们已经往前走了")).toBeInTheDocument();
  people = [{ id: "r1", state: "failed", reason: "太长 | too long" }];
  await userEvent.click(screen.getByRole("button", { name: /刷\s?新/ }));
  expect(await screen.findByText("太长")).toBeInTheDocument();
});

test("the list looks again when the count on the canvas changes, and with the flow's live topic", async () => {
  const client = open();
  await screen.findByText("他们已经往前走了");
  people = [{ id: "r1", state: "failed", reason: "太长 | too long" }];
  failed = 2;
  await client.invalidateQueries({ queryKey: ["/flows", "f", "stats"] });
  expect(await screen.findByText("太长")).toBeInTheDocument();
  people = [];
  heard.at(-1)?.();
  await waitFor(() => expect(screen.queryByText("太长")).not.toBeInTheDocument());
});

test("only a run that stands still can be retried; one that went on cannot", async () => {
  people = [{ id: "r1", state: "done", reason: "渠道拒收 | refused by the channel" }];
  open();
  expect(await screen.findByText("渠道拒收")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /重\s?试/ })).not.toBeInTheDocument();
});
