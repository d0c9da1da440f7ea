import type { Answer } from "./answers.ts";

const DAY = 86_400_000;
const END = Date.parse("2017-10-02");

function days(count: number, until: number): string[] {
  return Array.from({ length: count }, (_, at) => new Date(until - (count - 1 - at) * DAY).toISOString().slice(0, 10));
}

/** A wave with a weekly beat: the same on every run, so that pictures can be compared. */
function wave(count: number, size: number, phase: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.round(size * (1 + 0.25 * Math.sin((at + phase) * 0.9) + 0.1 * Math.sin(at * 0.21 + phase))));
}

const rows: [string, string, string, string, string, "count" | "money", number][] = [
  ["revenue", "销售额", "Revenue", "卖了多少钱？（已减退款）", "How much did we sell, net of refunds?", "money", 12_400],
  ["orders", "订单数", "Orders", "成交了多少单？", "How many orders were paid?", "count", 430],
  ["active_customers", "成交客户", "Buying customers", "有多少客户买了东西？", "How many customers bought?", "count", 310],
  ["new_customers", "新客户", "New customers", "认识了多少新客户？", "How many customers did we meet?", "count", 12],
  ["messages_sent", "已发消息", "Messages sent", "发出了多少条消息？", "How many messages went out?", "count", 64],
  ["messages_held", "被拦下的消息", "Messages held back", "有多少条被频控或静默时段拦下？", "How many did caps and quiet hours hold back?", "count", 5],
  ["flow_entered", "进入流程", "Entered flows", "有多少人次进入流程？", "How many runs started?", "count", 41],
  ["flow_converted", "达成目标", "Reached the goal", "有多少人次达成流程目标？", "How many runs reached their goal?", "count", 9],
];

export const homeAnswers: Answer[] = [
  [
    "GET",
    /^\/board\/home$/,
    (_, query) => {
      const count = Number(query.get("days") ?? 30);
      return {
        currency: "CNY",
        zone: "Asia/Shanghai",
        days: days(count, END),
        days_before: days(count, END - count * DAY),
        metrics: rows.map(([key, zh, en, qzh, qen, unit, size], at) => {
          const now = wave(count, size, at);
          const before = wave(count, size * 0.92, at + 2);
          const sum = (values: number[]) => values.reduce((a, b) => a + b, 0).toFixed(unit === "money" ? 2 : 0);
          return { key, label: { zh, en }, question: { zh: qzh, en: qen }, unit, total: sum(now), before: sum(before), points: now.map(String), points_before: before.map(String) };
        }),
      };
    },
  ],
];
