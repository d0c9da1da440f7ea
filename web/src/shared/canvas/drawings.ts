import type { Arrow, Graph, Kind, Kinds, Role } from "./model";

/** Flows to try the drawing on. Only tests use this file. */
const words = (text: string) => ({ zh: text, en: text });

function kind(name: string, role: Role, ports: readonly string[]): Kind {
  return {
    kind: name,
    version: 1,
    group: "flow",
    role,
    label: words(name),
    help: words(name),
    icon: "",
    needs: [],
    config_schema: {},
    default_config: {},
    ports: ports.map((port) => ({ name: port, label: words(port) })),
    port_source: null,
  };
}

export const KINDS: Kinds = new Map(
  [
    kind("segment", "start", ["entered"]),
    kind("split", "step", ["w1", "w2"]),
    kind("coupon", "wait", ["issued", "sold_out", "limit_reached"]),
    kind("points", "step", ["done"]),
    kind("message", "step", ["sent", "held", "skipped"]),
    kind("wait", "wait", ["happened", "timeout"]),
    kind("pause", "wait", ["done"]),
    kind("four", "step", ["a", "b", "c", "d"]),
    kind("goal", "end", []),
    kind("exit", "end", []),
  ].map((one) => [one.kind, one]),
);

/** `sketch("a:segment b:exit", "a.entered>b")`. */
export function sketch(blocks: string, arrows: string): Graph {
  return {
    blocks: blocks.split(/\s+/).map((text, index) => {
      const [id = "", name = ""] = text.split(":");
      return { id, kind: name, version: 1, config: {}, position: { x: 0, y: index * 160 } };
    }),
    arrows: arrows
      .split(/\s+/)
      .filter(Boolean)
      .map((text): Arrow => {
        const [way = "", to = ""] = text.split(">");
        const [from = "", port = ""] = way.split(".");
        return { from, port, to };
      }),
    settings: {},
  };
}

/** The flow of the first story, as `tests/browser/test_first_story.py` draws it. */
export const FIRST_STORY = sketch(
  "start:segment half:split coupon:coupon points:points m1:message m2:message week:wait goal:goal remind:message exit:exit",
  `start.entered>half half.w1>coupon half.w2>points coupon.issued>m1 coupon.sold_out>points coupon.limit_reached>points points.done>m2
   m1.sent>week m1.held>week m1.skipped>week m2.sent>week m2.held>week m2.skipped>week week.happened>goal week.timeout>remind
   remind.sent>exit remind.held>exit remind.skipped>exit`,
);

/** A loop, two starts, exits taken from everywhere: what the demo's flows do at their worst. */
export const BUSY = sketch(
  "s1:segment s2:segment f:four c1:coupon c2:coupon p:points m1:message m2:message m3:message w:wait g:goal t:pause x:exit",
  `s1.entered>f s2.entered>m3 f.a>c1 f.b>c2 f.c>p f.d>x c1.issued>m1 c1.sold_out>p c1.limit_reached>x c2.issued>m2 c2.sold_out>p c2.limit_reached>x
   p.done>m3 m1.sent>w m1.held>x m1.skipped>x m2.sent>w m2.held>x m2.skipped>x m3.sent>w m3.held>x m3.skipped>x w.happened>g w.timeout>t t.done>f`,
);

/** The same numbers for the same seed, on every machine. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

/** A flow as people draw them: most ways lead a little further on, some to a shared exit, few far ahead or back to a wait. */
export function randomFlow(size: number, seed: number): Graph {
  const roll = dice(seed);
  const names = ["split", "coupon", "points", "message", "wait", "pause", "four"];
  const blocks = Array.from({ length: size }, (_, index) => {
    const name = index === 0 || (index < 4 && roll(3) === 0) ? "segment" : index >= size - 3 ? "exit" : (names[roll(names.length)] ?? "points");
    return { id: `b${index}`, kind: name, version: 1, config: {}, position: { x: roll(2_000), y: roll(4_000) } };
  });
  const arrows = blocks.flatMap((block, index) =>
    (KINDS.get(block.kind)?.ports ?? []).flatMap((port): Arrow[] => {
      const luck = roll(20);
      const far = luck === 0 ? index - roll(10) : luck < 3 ? size - 1 - roll(3) : luck === 3 ? index + 1 + roll(40) : index + 1 + roll(6);
      const to = Math.min(Math.max(far, 0), size - 1);
      return to === index || blocks[to]?.kind === "segment" ? [] : [{ from: block.id, port: port.name, to: `b${to}` }];
    }),
  );
  return { blocks, arrows, settings: {} };
}
