import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App, Button } from "antd";
import { MemoryRouter } from "react-router";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { api } from "@/shared/api";
import { EMPTY } from "@/shared/canvas";
import { addWords } from "@/shared/i18n";
import type { Flow } from "../api";
import en from "../en.json";
import zh from "../zh.json";
import type { Approval } from "./api";
import { Review } from "./Review";
import { useSwitch } from "./useSwitch";

vi.mock("@/shared/session", async (original) => ({ ...(await original<object>()), useCan: () => () => true, useMe: () => ({ user: { id: "second" } }) }));

addWords("flows", { zh, en });
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  },
);

const flow: Flow = { id: "f", name: "回访", status: "running", etag: "1", draft: EMPTY, counts: { active: 33, done: 0, failed: 0, entered: 33, converted: 0 } };
const approval: Approval = {
  id: "a",
  flow_id: "f",
  flow_name: "回访",
  request: { running: "stay", note: "找回流失的妈妈" },
  weight: { people: 34, cost: null, human: [], reasons: ["people"], people_max: 20, cost_max: null },
  state: "open",
  requested_by: "first",
  requested_name: "小林",
  requested_at: "2026-11-23T02:00:00Z",
  decided_name: null,
  decided_at: null,
  comment: "",
};
const posted = vi.fn();

beforeEach(() => {
  posted.mockReset().mockResolvedValue({});
  vi.spyOn(api, "post").mockImplementation(posted);
  vi.spyOn(api, "get").mockImplementation((path: string) => Promise.resolve((path === "/flow-approvals/a" ? { ...approval, graph: EMPTY } : path === "/flows/f" ? flow : { items: [], next: null }) as never));
});

function show(part: ReactNode) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <App>{part}</App>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

function Pausing() {
  const turn = useSwitch();
  return <Button onClick={() => turn(flow, "pause")}>go</Button>;
}

test("a flow is paused only after it was said how many are inside and what becomes of them", async () => {
  show(<Pausing />);
  await userEvent.click(screen.getByRole("button", { name: "go" }));
  expect(await screen.findByText("里面现在有 33 位客户。")).toBeInTheDocument();
  expect(posted).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "暂停流程" }));
  await waitFor(() => expect(posted).toHaveBeenCalledWith("/flows/f/pause", {}));
});

test("whoever decides reads why she is asked, and refuses only with a reason", async () => {
  show(<Review approval={approval} onClose={() => undefined} />);
  expect(await screen.findByText("找回流失的妈妈")).toBeInTheDocument();
  expect(screen.getByText(/34 人，超过 20 人/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "不同意" }));
  expect(await screen.findByText(zh.approval.sayWhy)).toBeInTheDocument();
  expect(posted).not.toHaveBeenCalled();
  await userEvent.type(screen.getByRole("textbox"), "太多");
  await userEvent.click(screen.getByRole("button", { name: "不同意" }));
  await waitFor(() => expect(posted).toHaveBeenCalledWith("/flow-approvals/a/decide", { approve: false, comment: "太多" }));
});
