import { customerAnswers } from "./customers.ts";
import { homeAnswers } from "./home.ts";
import { segmentAnswers } from "./segments.ts";

export type Reply = (captures: string[], query: URLSearchParams) => unknown;
export type Answer = [method: string, path: RegExp, reply: Reply];

const permissions = ["*"];

export const answers: Answer[] = [
  ...homeAnswers,
  ...customerAnswers,
  ...segmentAnswers,
  ["POST", /^\/session$/, () => ({})],
  ["DELETE", /^\/session$/, () => ({})],
  [
    "GET",
    /^\/me$/,
    () => ({
      user: { id: "u1", login: "lin", name: "林晓" },
      tenant: { id: "t1", name: "悦禾连锁", zone: "Asia/Shanghai", currency: "CNY", demo: true, trial: false },
      permissions,
      scope: { kind: "all" },
      csrf: "mock",
      business_now: "2017-10-02T09:30:00Z",
      language: "zh",
    }),
  ],
  ["GET", /^\/clock$/, () => ({ business_now: "2017-10-02T09:30:00Z", moving: false, target: null, began: null, movable: true })],
  ["GET", /^\/search$/, () => ({ items: [{ kind: "customer", id: "c1", title: "王 *", subtitle: "138****2231" }] })],
];
