import type { Answer } from "./answers.ts";

const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡";
const given = ["雨桐", "子涵", "建国", "丽", "思远", "佳怡", "明", "秀英", "梓轩", "敏"];
const cities = ["上海", "杭州", "苏州", "南京"];
const tags = ["奶粉偏好", "高客单", "周末购物", "沉睡", "新客"];

function customer(at: number) {
  const name = (surnames[at % surnames.length] ?? "王") + (given[(at * 7) % given.length] ?? "明");
  const count = (at * 13) % 60;
  return {
    id: `c${at}`,
    name: at % 9 === 4 ? null : name,
    phone: at % 5 === 3 ? null : `13${at % 10}****${String(1000 + ((at * 37) % 9000))}`,
    member_no: String(100000 + at),
    city: cities[at % cities.length],
    store: at % 4 === 1 ? null : { id: `s${at % 3}`, name: ["人民广场店", "西湖银泰店", "园区店"][at % 3] },
    stage: ["新客", "活跃", "沉睡"][at % 3],
    level: ["普卡", "银卡", "金卡"][at % 3],
    tags: tags.slice(at % 3, (at % 3) + (at % 3)),
    order_count: count,
    spend_total: { amount: (count * 87.35).toFixed(2), currency: "CNY" },
    last_order_at: count === 0 ? null : new Date(Date.parse("2017-10-02T09:30:00Z") - at * 3_700_000 * 7).toISOString(),
  };
}

const all = Array.from({ length: 2469 }, (_, at) => customer(at));

function page(query: URLSearchParams, items: unknown[]) {
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
}

function detail(id: string) {
  const base = all.find((one) => one.id === id) ?? all[0];
  return {
    ...base,
    gender: "female",
    birthday: "1988-03-14",
    district: "静安区",
    owner: { id: "u2", name: "陈导购" },
    do_not_contact: false,
    first_seen_at: "2017-01-03T02:10:00Z",
    created_at: "2017-01-03T02:10:05Z",
    merged_into: null,
    tags: tags.slice(0, 3).map((tag, at) => ({ tag, label: tag, source: at === 0 ? "computed" : "林晓", set_at: "2017-06-01T00:00:00Z" })),
    identifiers: [
      { kind: "member_no", scope: "", masked: "1000**", source: "import", origin_id: id, first_seen_at: "2017-01-03T02:10:00Z", last_seen_at: "2017-09-20T02:10:00Z" },
      { kind: "phone", scope: "", masked: "138****2231", source: "store", origin_id: id, first_seen_at: "2017-02-03T02:10:00Z", last_seen_at: "2017-09-20T02:10:00Z" },
      { kind: "online_account", scope: "tmall", masked: "yu***ng", source: "online", origin_id: "c900", first_seen_at: "2017-05-03T02:10:00Z", last_seen_at: "2017-08-20T02:10:00Z" },
    ],
    profile: {
      order_count: 43,
      spend_total: { amount: "3721.40", currency: "CNY" },
      refund_total: { amount: "128.00", currency: "CNY" },
      first_order_at: "2017-01-03T02:10:00Z",
      last_order_at: "2017-08-29T10:22:00Z",
      last_visit_at: "2017-08-29T10:22:00Z",
      average_order_value: { amount: "86.54", currency: "CNY" },
      rfm_r: 3,
      rfm_f: 5,
      rfm_m: 4,
      rfm_score: 354,
      favourite_category: "奶粉",
    },
    segments: [{ id: "g1", name: "奶粉老客 30 天未购", since: "2017-09-28T00:00:00Z" }],
    attrs: {},
  };
}

const happened: [string, string, string, string][] = [
  ["message.sent", "已发消息", "Message sent", "好久不见，给您准备了一张券"],
  ["coupon.issued", "发放优惠券", "Coupon issued", "满 199 减 30"],
  ["segment.entered", "进入分群", "Entered a segment", "奶粉老客 30 天未购"],
  ["order.paid", "订单已付款", "Order paid", "¥86.40 · 5 件"],
  ["visit.recorded", "到店", "Visit", "人民广场店"],
];

export const customerAnswers: Answer[] = [
  ["GET", /^\/customers$/, (_, query) => page(query, query.get("q") ? all.filter((one) => one.name?.includes(query.get("q") ?? "")) : all)],
  ["GET", /^\/customers\/(c\d+)$/, ([id = "c0"]) => detail(id)],
  [
    "GET",
    /^\/customers\/c\d+\/timeline$/,
    (_, query) =>
      page(
        query,
        Array.from({ length: 90 }, (__, at) => {
          const [type = "", zh = "", en = "", text = ""] = happened[at % happened.length] ?? [];
          return { event_id: `e${at}`, type, label: { zh, en }, occurred_at: new Date(Date.parse("2017-10-01T08:00:00Z") - at * 19_000_000).toISOString(), summary: { zh: text, en: text }, backfill: at > 12, payload: type.startsWith("order") ? { order_id: "o1", total: "86.40" } : { note: text } };
        }),
      ),
  ],
  [
    "GET",
    /^\/customers\/c\d+\/runs$/,
    () => ({
      items: [
        { id: "r1", flow: { id: "f1", name: "奶粉老客召回" }, version: 2, status: "active", block: "b6", block_label: { zh: "等 7 天内下单", en: "Wait for an order" }, entered_at: "2017-09-28T01:00:00Z", ended_at: null, goal_at: null },
        { id: "r2", flow: { id: "f2", name: "新客欢迎" }, version: 1, status: "done", block: null, block_label: null, entered_at: "2017-03-01T01:00:00Z", ended_at: "2017-03-08T01:00:00Z", goal_at: "2017-03-05T01:00:00Z" },
      ],
      next: null,
    }),
  ],
  [
    "GET",
    /^\/customers\/c\d+\/points$/,
    () => ({
      balance: 860,
      lots: [
        { id: "l1", remaining: 360, earned: 500, earned_at: "2017-03-01T00:00:00Z", expires_at: "2018-02-28T16:00:00Z" },
        { id: "l2", remaining: 500, earned: 500, earned_at: "2017-09-28T00:00:00Z", expires_at: null },
      ],
      entries: [
        { id: "p3", from_account: "earned", to_account: "balance", amount: 500, reason: "流程：奶粉老客召回", posted_at: "2017-09-28T00:00:00Z" },
        { id: "p2", from_account: "balance", to_account: "spent", amount: 140, reason: "积分兑换", posted_at: "2017-06-10T00:00:00Z" },
        { id: "p1", from_account: "earned", to_account: "balance", amount: 500, reason: "注册礼", posted_at: "2017-03-01T00:00:00Z" },
      ],
    }),
  ],
  ["POST", /^\/customers\/c\d+\/reveal$/, () => ({ value: "13812342231" })],
  ["GET", /^\/duplicates$/, () => ({ items: [{ first: all[3], second: all[18], reason: { zh: "姓名与生日相同，手机号不同", en: "Same name and birthday, different phones" } }], next: null })],
  [
    "GET",
    /^\/merges$/,
    () => ({
      items: [
        { id: "m1", survivor: { id: "c1", name: "李丽" }, loser: { id: "c900", name: null }, at: "2017-09-20T03:00:00Z", by: null, undone_at: null, rule: { zh: "同一手机号", en: "Same phone" } },
        { id: "m2", survivor: { id: "c5", name: "杨思远" }, loser: { id: "c77", name: "杨思远" }, at: "2017-09-18T03:00:00Z", by: "林晓", undone_at: "2017-09-19T03:00:00Z", rule: { zh: "人工", en: "By hand" } },
      ],
      next: null,
    }),
  ],
  ["GET", /^\/stores$/, () => ({ items: [0, 1, 2].map((at) => ({ id: `s${at}`, code: `S0${at}`, name: ["人民广场店", "西湖银泰店", "园区店"][at] })), next: null })],
  ["GET", /^\/tags$/, () => ({ items: tags.map((name) => ({ name, label: name, kind: name === "奶粉偏好" ? "computed" : "manual", expression: name === "奶粉偏好" ? "customer.favourite_category = '奶粉'" : null, customers: 120 })), next: null })],
  ["GET", /^\/categories$/, () => ({ items: ["奶粉", "纸尿裤", "水果", "饮料", "烘焙"].map((category) => ({ category, category_en: null, department: "", products: 1 })), next: null })],
];
