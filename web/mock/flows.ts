import type { Answer } from "./answers.ts";

const words = (zh: string, en: string) => ({ zh, en });
const done = [{ name: "done", label: words("完成", "Done") }];

function kind(name: string, group: string, role: string, zh: string, en: string, properties: object = {}, ports: object[] = done, extra: object = {}) {
  return { kind: name, version: 1, group, role, label: words(zh, en), help: words(`${zh}：说明文字`, `${en}: what it does`), icon: "", needs: [], config_schema: { type: "object", properties }, default_config: {}, ports, port_source: null, ...extra };
}

const ways = { field: "arms", name: "name", label: "label", before: [], after: [] };
const kinds = [
  kind("start.segment", "start", "start", "进入分群", "Segment entered", { segment_id: { type: "string", title: "分群 | Segment", "x-ui": { widget: "segment" } } }),
  kind("start.event", "start", "start", "发生事件", "Event", { event_type: { type: "string", title: "事件 | Event", "x-ui": { widget: "event_type" } }, condition: { type: "string", title: "条件 | Condition", "x-ui": { widget: "expression" } } }),
  kind("decide.split", "decide", "step", "A/B 分流", "A/B split", { arms: { type: "array", title: "分组 | Arms", items: { type: "object", properties: { name: { type: "string", "x-ui": { widget: "hidden" } }, label: { type: "string", title: "名称 | Name" }, percent: { type: "number", title: "比例 | Share" } } } } }, [], { port_source: ways, default_config: { arms: [{ name: "a", label: "A", percent: 50 }, { name: "b", label: "B", percent: 50 }] } }),
  kind("marketing.issue_coupon", "benefit", "step", "发优惠券", "Issue coupon", { template_id: { type: "string", title: "优惠券 | Coupon", "x-ui": { widget: "coupon_template" } } }, [{ name: "issued", label: words("已发", "Issued") }, { name: "sold_out", label: words("发完了", "Sold out") }]),
  kind("marketing.add_points", "benefit", "step", "加积分", "Add points", { points: { type: "integer", title: "积分 | Points" } }),
  kind("messaging.send", "reach", "step", "发消息", "Send message", { template_id: { type: "string", title: "模板 | Template", "x-ui": { widget: "message_template" } } }, [{ name: "sent", label: words("已发", "Sent") }, { name: "held", label: words("被拦下", "Held") }]),
  kind("wait.event", "wait", "wait", "等事件", "Wait for event", { event_type: { type: "string", title: "事件 | Event", "x-ui": { widget: "event_type" } }, timeout: { type: "string", title: "最长等待 | Time-out", "x-ui": { widget: "duration" } } }, [{ name: "happened", label: words("发生了", "Happened") }, { name: "timeout", label: words("超时", "Timed out") }]),
  kind("flow.goal", "flow", "step", "目标", "Goal", { name: { type: "string", title: "名称 | Name" } }),
  kind("flow.exit", "flow", "end", "离开", "Exit", {}, []),
];

const graph = {
  blocks: [
    { id: "b1", kind: "start.segment", version: 1, config: { segment_id: "奶粉老客 30 天未购" }, position: { x: 272, y: 0 } },
    { id: "b2", kind: "decide.split", version: 1, config: { arms: [{ name: "a", label: "优惠券", percent: 50 }, { name: "b", label: "积分", percent: 50 }] }, position: { x: 272, y: 160 } },
    { id: "b3", kind: "marketing.issue_coupon", version: 1, config: { template_id: "满 199 减 30" }, position: { x: 136, y: 320 } },
    { id: "b4", kind: "marketing.add_points", version: 1, config: { points: 500 }, position: { x: 408, y: 320 } },
    { id: "b5", kind: "messaging.send", version: 1, config: { template_id: "好久不见" }, position: { x: 272, y: 480 } },
    { id: "b6", kind: "wait.event", version: 1, config: { event_type: "order.paid", timeout: "7 days" }, position: { x: 272, y: 640 } },
    { id: "b7", kind: "flow.goal", version: 1, config: { name: "回购" }, position: { x: 136, y: 800 } },
    { id: "b8", kind: "messaging.send", version: 1, config: { template_id: "再提醒一次" }, position: { x: 408, y: 800 } },
    { id: "b9", kind: "flow.exit", version: 1, config: {}, position: { x: 272, y: 960 } },
  ],
  arrows: [
    ["b1", "done", "b2"], ["b2", "a", "b3"], ["b2", "b", "b4"], ["b3", "issued", "b5"], ["b3", "sold_out", "b4"], ["b4", "done", "b5"],
    ["b5", "sent", "b6"], ["b5", "held", "b6"], ["b6", "happened", "b7"], ["b6", "timeout", "b8"], ["b7", "done", "b9"], ["b8", "sent", "b9"], ["b8", "held", "b9"],
  ].map(([from, port, to]) => ({ from, port, to })),
  settings: {},
};

const counts = { active: 214, done: 388, failed: 3, entered: 605, converted: 131 };
const flow = { id: "f1", name: "奶粉老客召回", status: "running", etag: "1", draft: graph, published: { version_id: "v1", number: 2, published_at: "2026-11-20T02:00:00Z" }, counts, updated_at: "2026-11-21T08:00:00Z" };
const block = (entered: number, inside: number, ports: Record<string, number>, failed = 0) => ({ entered, inside, failed, ports });

export const flowAnswers: Answer[] = [
  ["GET", /^\/flows\/kinds$/, () => ({ items: kinds })],
  ["GET", /^\/flows$/, () => ({ items: [flow, { ...flow, id: "f2", name: "新会员欢迎", status: "draft", published: null, counts: null }], next: null })],
  ["POST", /^\/flows$/, () => flow],
  ["GET", /^\/flows\/(\w+)$/, (found) => (found[0] === "f2" ? { ...flow, id: "f2", name: "新会员欢迎", status: "draft", published: null, draft: { blocks: [], arrows: [], settings: {} } } : flow)],
  ["PUT", /^\/flows\/\w+\/draft$/, () => ({ etag: "2" })],
  ["POST", /^\/flows\/\w+\/check$/, () => ({ findings: [{ block: "b8", severity: "warning", code: "x", message: words("这条消息没有频次类别", "No frequency class"), mend: words("选“营销”或“服务通知”", "Choose one") }] })],
  ["GET", /^\/flows\/\w+\/versions\/\w+$/, () => ({ id: "v1", number: 2, status: "published", published_at: null, graph })],
  [
    "GET",
    /^\/flows\/\w+\/stats$/,
    () => ({
      blocks: { b1: block(605, 0, { done: 605 }), b2: block(605, 0, { a: 301, b: 304 }), b3: block(301, 0, { issued: 280, sold_out: 21 }), b4: block(325, 0, { done: 325 }), b5: block(602, 0, { sent: 570, held: 32 }, 3), b6: block(602, 214, { happened: 131, timeout: 257 }), b7: block(131, 0, { done: 131 }), b8: block(257, 0, { sent: 250, held: 7 }), b9: block(388, 0, {}) },
      goal: { entered: 605, converted: 131, rate: 0.2165 },
      arms: { a: { label: "优惠券", entered: 301, converted: 77, rate: 0.256, interval: [0.21, 0.308] }, b: { label: "积分", entered: 304, converted: 54, rate: 0.178, interval: [0.139, 0.224] } },
      verdict: words("差异较明显，但还可以再等等：两组区间仍略有重叠。", "The difference is fairly clear, yet the intervals still touch."),
    }),
  ],
  ["GET", /^\/flows\/\w+\/people$/, () => ({ items: [{ id: "r1", customer_id: "c1", customer: { id: "c1", name: "王*" }, block: "b6", state: "active", since: "2026-11-20T02:00:00Z" }], next: null })],
];
