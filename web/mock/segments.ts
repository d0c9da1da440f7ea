import type { Answer } from "./answers.ts";

const words = (zh: string, en: string) => ({ zh, en });
const TEXT = "count(lines in last 90 days where category = '奶粉') >= 2 and days_since(last(orders.paid_at)) > 30";

const field = (name: string, type: string, zh: string, en: string, more: object = {}) => ({ name, type, label: words(zh, en), ...more });

const catalog = {
  entities: [
    {
      name: "customer",
      label: words("客户", "Customer"),
      fields: [
        field("city", "text", "城市", "City"),
        field("gender", "text", "性别", "Gender", { options: [{ value: "female", label: words("女", "Female") }, { value: "male", label: words("男", "Male") }] }),
        field("birthday", "date", "生日", "Birthday"),
        field("spend_total", "number", "累计消费", "Total spend"),
        field("last_order_at", "timestamp", "最近下单时间", "Last order"),
        field("favourite_category", "text", "偏好品类", "Favourite category"),
        field("do_not_contact", "bool", "勿扰", "Do not contact"),
      ],
    },
  ],
  relations: [
    { name: "orders", label: words("订单", "Orders"), from: "customer", time_field: "paid_at", fields: [field("paid_at", "timestamp", "付款时间", "Paid at"), field("total", "number", "金额", "Total"), field("status", "text", "状态", "Status")] },
    { name: "lines", label: words("购买明细", "Order lines"), from: "customer", time_field: "paid_at", fields: [field("category", "text", "品类", "Category"), field("amount", "number", "金额", "Amount"), field("paid_at", "timestamp", "付款时间", "Paid at")] },
  ],
  memberships: [
    { name: "tags", function: "has_tag", label: words("标签", "Tag"), from: "customer" },
    { name: "segments", function: "in_segment", label: words("分群", "Segment"), from: "customer" },
  ],
  event_types: [
    { name: "order.paid", label: words("订单已付款", "Order paid"), fields: [field("total", "number", "金额", "Total")] },
    { name: "segment.entered", label: words("进入分群", "Entered a segment"), fields: [] },
  ],
  functions: [],
  operators: {
    number: ["=", "!=", "<", "<=", ">", ">=", "between", "in", "not in", "is missing", "is not missing"],
    text: ["=", "!=", "in", "not in", "contains", "starts with", "ends with", "is missing", "is not missing"],
    bool: ["=", "!=", "is missing", "is not missing"],
    date: ["=", "!=", "<", "<=", ">", ">=", "between", "is missing", "is not missing"],
    timestamp: ["<", "<=", ">", ">=", "between", "is missing", "is not missing"],
    list: ["contains", "is missing", "is not missing"],
  },
};

const tree = {
  kind: "and",
  items: [
    { kind: "compare", op: ">=", left: { kind: "related", aggregate: "count", relation: "lines", window: { amount: "90", unit: "days" }, where: { kind: "compare", op: "=", left: { kind: "field", path: ["category"] }, right: { kind: "text", value: "奶粉" } } }, right: { kind: "number", text: "2" } },
    { kind: "compare", op: ">", left: { kind: "call", name: "days_since", args: [{ kind: "related", aggregate: "last", relation: "orders", field: ["paid_at"] }] }, right: { kind: "number", text: "30" } },
  ],
};

const segment = (at: number, name: string, count: number, status: string) => ({ id: `g${at}`, name, description: "", kind: at === 3 ? "static" : "live", version: 1, text: TEXT, count, seen: 2469, status, as_of: "2017-10-02T09:00:00Z", problem: null, created_at: "2017-09-01T00:00:00Z", updated_at: "2017-09-28T00:00:00Z" });
const segments = [segment(1, "奶粉老客 30 天未购", 128, "ready"), segment(2, "本月高客单", 342, "filling"), segment(3, "开业邀请名单", 1200, "ready")];
const samples = [1, 2, 3, 5, 6].map((at) => ({ id: `c${at}`, name: "王雨桐", phone: "138****2231", since: "2017-09-28T00:00:00Z" }));

export const segmentAnswers: Answer[] = [
  ["GET", /^\/catalog$/, () => catalog],
  ["POST", /^\/expressions\/check$/, () => ({ ok: true, tree, text: TEXT, type: "bool", errors: [], plain: words("最近 90 天购买奶粉至少 2 次，且距最近一次下单超过 30 天", "Bought baby food at least twice in 90 days, and the last order is more than 30 days ago") })],
  ["GET", /^\/segments$/, () => ({ items: segments, next: null })],
  ["POST", /^\/segments\/preview$/, () => ({ count: 128, samples, took_ms: 41 })],
  ["GET", /^\/segments\/(g\d)$/, ([id]) => segments.find((one) => one.id === id)],
  ["GET", /^\/segments\/g\d\/members$/, () => ({ items: samples, next: null })],
  ["GET", /^\/segments\/g\d\/explain\/.+$/, () => ({
      is_member: true,
      since: "2017-09-28T00:00:00Z",
      next_change_at: "2017-10-20T00:00:00Z",
      why: { kind: "and", text: TEXT, holds: true, values: [], parts: TEXT.split(" and ").map((text, at) => ({ kind: "condition", text, holds: true, values: [{ text: text.split(" > ")[0], value: at === 0 ? 4 : 34 }], parts: [] })) },
    })],
];
