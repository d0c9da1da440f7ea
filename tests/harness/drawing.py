"""Random flows for the reference interpreter: every block that waits, branches, asks or fails, in any order that has a meaning of its own.

Left out is only what nobody promises: who is quicker within one moment. So every wait has a length of its own, and where "enough" branches
end the others, branches hold no runs of their own and nothing fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from harness.flows import block
from tandem.catalog.label import Label
from tandem.flow.node import DONE, CompileContext, Config, Fragment, Group, NodeKind, Port

BLOCKS_MAX = 14
FROM_ITEM = "line_no >= item.line_no"
BAD = "bad"
"""The word of those who fail at a fragile block: a customer's city, a thing's place."""


@dataclass(frozen=True)
class Sort:
    """What a flow is about: the table and column of its word, how a condition calls that, and what happens to it.

    `events`: the one that starts, two that are waited for, the one that goals and exits watch. Those in `through` are told of its customer.
    """

    name: str
    table: str
    column: str
    word: str
    events: tuple[str, str, str, str]
    through: frozenset[str] = frozenset()
    related: tuple[str, ...] = ()
    """The related sets that its flows go through one by one."""

    @property
    def people(self) -> bool:
        """Is it the customer herself?"""
        return self.name == "customer"

    @property
    def whose(self) -> bool:
        """May it have a customer, or be one?"""
        return self.people or bool(self.through)


SORTS = {
    one.name: one
    for one in (
        Sort(
            "customer",
            "customer",
            "city",
            "customer.city",
            ("order.paid", "refund.created", "visit.recorded", "coupon.redeemed"),
            related=("coupons",),
        ),
        Sort(
            "order",
            "sales_order",
            "source",
            "order.source",
            ("order.paid", "order.completed", "visit.recorded", "coupon.redeemed"),
            frozenset({"visit.recorded", "coupon.redeemed"}),
            ("lines", "lines", "coupons"),
        ),
        Sort(
            "stock_item",
            "stock_level",
            "product_id",
            "stock_item.product_id",
            ("stock.low", "stock.counted", "stock.restored", "stock.line_changed"),
            related=("stock_places",),
        ),
        Sort(
            "opening",
            "thing",
            "title",
            "opening.title",
            ("opening.created", "opening.changed", "opening.stage_changed", "opening.changed"),
        ),
    )
}


class MarkConfig(Config):
    points: int


class Mark(NodeKind[MarkConfig]):
    """Leaves a mark of so many points, once for each that passes: the effect of flows about what has no points of its own."""

    kind = "test.mark"
    group = Group.FLOW
    for_customer = False
    label = help = Label("记号", "Mark")
    config = MarkConfig

    def ports(self, config: MarkConfig) -> tuple[Port, ...]:
        return (DONE,)

    def fragment(self, config: MarkConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            effects={
                "marked": "insert into human_task (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, title, note,"
                " role, ports, state, created_at) select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id,"
                " %(block)s, r.visit, 'mark', %(points)s::text, '', '[]', 'done', %(now)s from {rows} r"
            },
            params={"block": ctx.block, "points": config.points},
        )


class Fragile(NodeKind[Config]):
    """Fails in SQL for those whose word is `bad`."""

    kind = "test.fragile"
    group = Group.FLOW
    for_customer = False
    label = help = Label("脆弱", "Fragile")
    config = Config

    def ports(self, config: Config) -> tuple[Port, ...]:
        return (DONE,)

    def fragment(self, config: Config, ctx: CompileContext) -> Fragment:
        of = SORTS[ctx.subject]
        own = "r.customer_id" if of.people else "r.subject_id"
        return Fragment(
            joins=f"left join {of.table} c on c.bucket = r.bucket and c.id = {own} and c.tenant_id = %(tenant)s",
            columns={"checked": f"(case when c.{of.column} = '{BAD}' then 'not a number' else '0' end)::int"},
            port="r.checked",
        )


@dataclass
class Drawing:
    """A flow as it is drawn, from left to right. Every wait has a length of its own, so that no two end at the same moment."""

    sort: Sort
    breaks: bool = False
    """Blocks may fail, and catches are drawn; otherwise "enough" may be asked of branches."""
    called: str | None = None
    """A flow to call, once it is known."""
    blocks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    arrows: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    caught: dict[str, str] = field(default_factory=dict[str, str])
    """Block -> the block at which runs go on that fail there."""
    items: list[str] = field(default_factory=list[str])
    """The related sets whose rows the branch at hand is about, the innermost last."""

    def add(self, kind: str, catch: str | None, **config: Any) -> str:
        name = f"b{len(self.blocks)}"
        self.blocks.append(block(name, kind, **config))
        if catch is not None:
            self.caught[name] = catch
        return name

    def points(self, catch: str | None) -> str:
        """An effect that adds up: points of a customer, else marks."""
        many = 1 + len(self.blocks)
        if self.sort.people:
            return self.add("marketing.add_points", catch, points=many, reason="t")
        return self.add("test.mark", catch, points=many)

    def lead(self, ends: Ends, to: str) -> None:
        self.arrows += [{"from": name, "port": port, "to": to} for name, port in ends]

    def span(self) -> dict[str, str]:
        return {"amount": str(40 + 17 * len(self.blocks)), "unit": "minutes"}


Ends = list[tuple[str, str]]


@dataclass(frozen=True)
class Drawn:
    """A flow and the one it calls (None: it calls none), and where failing runs go on."""

    graph: dict[str, Any]
    called: dict[str, Any] | None
    caught: dict[str, str]

    @property
    def plain(self) -> bool:
        """Has no run runs of its own? Then a pause has one meaning."""
        kinds = {one["kind"] for one in self.graph["blocks"]}
        return not kinds & {"flow.parallel", "flow.for_each", "flow.call"}


def sequence(draw: st.DrawFn, drawing: Drawing, ends: Ends, depth: int, catch: str | None = None) -> Ends:
    """Draw up to three blocks after these ends; returns what leads out of the last."""
    kinds = ["points", "condition", "wait", "event", "task"]
    if depth < 2:
        kinds += ["parallel"] + ["each"] * bool(drawing.sort.related) + ["call"] * (drawing.called is not None)
    if drawing.breaks:
        kinds += ["fragile", "fragile", "catch"]
    for drawn in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)):
        kind = drawn if len(drawing.blocks) < BLOCKS_MAX else "points"
        ends = _one(draw, drawing, ends, kind, depth, catch)
    return ends


def _one(draw: st.DrawFn, drawing: Drawing, ends: Ends, kind: str, depth: int, catch: str | None) -> Ends:
    match kind:
        case "points":
            name, outs = drawing.points(catch), ["done"]
        case "fragile":
            name, outs = drawing.add("test.fragile", catch), ["done"]
        case "condition":
            ways = [{"name": "y", "label": "是", "condition": f"{drawing.sort.word} = '上海'"}]
            name, outs = drawing.add("decide.condition", catch, ways=ways), ["y", "else"]
        case "wait":
            name, outs = drawing.add("wait.duration", catch, span=drawing.span()), ["done"]
        case "event":
            what = draw(st.sampled_from(drawing.sort.events[1:3]))
            name = drawing.add("wait.event", catch, event_type=what, timeout=drawing.span())
            outs = ["happened", "timeout"]
        case "task":
            name = drawing.add("human.task", catch, title="问", due=drawing.span())
            outs = ["approved", "refused", "timeout"]
        case "call":
            name = drawing.add("flow.call", catch, flow_id=drawing.called, **_bounded(draw, drawing))
            outs = ["done", "unavailable", "timeout"]
        case "each":
            name, outs = _each(draw, drawing, depth, catch), ["done", "none", "timeout"]
        case "catch":
            return _catch(draw, drawing, ends, depth, catch)
        case _:
            name, outs = _parallel(draw, drawing, depth, catch), ["done", "timeout"]
    drawing.lead(ends, name)
    return [(name, out) for out in outs]


def _bounded(draw: st.DrawFn, drawing: Drawing) -> dict[str, Any]:
    return {"timeout": drawing.span()} if draw(st.booleans()) else {}


def _parallel(draw: st.DrawFn, drawing: Drawing, depth: int, catch: str | None) -> str:
    """A fork with its branches. What a run catches its branches do not."""
    enough = 0 if drawing.breaks else draw(st.sampled_from([0, 0, 1]))
    branches = [{"name": "p", "label": "P"}, {"name": "q", "label": "Q"}]
    name = drawing.add("flow.parallel", catch, branches=branches, enough=enough, **_bounded(draw, drawing))
    join = drawing.add("flow.join", None)
    for branch in ("p", "q"):
        drawing.lead(sequence(draw, drawing, [(name, branch)], 2 if enough else depth + 1), join)
    return name


def _each(draw: st.DrawFn, drawing: Drawing, depth: int, catch: str | None) -> str:
    """The same for each related thing. Lines within the branch of a line are those from it on: the item says which."""
    relation = draw(st.sampled_from(drawing.sort.related))
    where = FROM_ITEM if relation == "lines" and drawing.items[-1:] == ["lines"] else ""
    name = drawing.add("flow.for_each", catch, relation=relation, where=where, most=2, **_bounded(draw, drawing))
    join = drawing.add("flow.join", None)
    drawing.items.append(relation)
    drawing.lead(sequence(draw, drawing, [(name, "each")], depth + 1), join)
    drawing.items.pop()
    return name


def _catch(draw: st.DrawFn, drawing: Drawing, ends: Ends, depth: int, catch: str | None) -> Ends:
    """A stretch, and the way of those who fail in it; both go on together."""
    name = drawing.add("flow.catch", catch)
    drawing.lead(ends, name)
    failed = drawing.points(catch)
    drawing.lead([(name, "failed")], failed)
    return [*sequence(draw, drawing, [(name, "on")], depth, failed), (failed, "done")]


def called_graph(draw: st.DrawFn, sort: Sort) -> dict[str, Any]:
    """A flow for others to call: points, a wait, an exit. Its lengths are nobody else's."""
    span = {"amount": str(41 + 17 * draw(st.integers(0, 9))), "unit": "minutes"}
    waits = [
        block("pause", "wait.duration", span=span),
        block("pause", "wait.event", event_type=sort.events[2], timeout=span),
    ]
    wait = draw(st.sampled_from(waits))
    outs = ["done"] if wait["kind"] == "wait.duration" else ["happened", "timeout"]
    effect = {"points": 100, "reason": "t"} if sort.people else {"points": 100}
    points = block("gain", "marketing.add_points" if sort.people else "test.mark", **effect)
    arrows = [("called", "entered", "gain"), ("gain", "done", "pause"), *(("pause", out, "exit") for out in outs)]
    return {
        "blocks": [block("called", "start.flow"), points, wait, block("exit", "flow.exit")],
        "arrows": [{"from": left, "port": port, "to": to} for left, port, to in arrows],
        "settings": {"subject": sort.name},
    }


CALLED_ID = "00000000-0000-4000-8000-00000000ca11"
"""Stands for the called flow's id until it is published."""


@st.composite
def flows(draw: st.DrawFn, sort: Sort) -> Drawn:
    called = called_graph(draw, sort) if draw(st.booleans()) else None
    drawing = Drawing(sort, breaks=draw(st.booleans()), called=None if called is None else CALLED_ID)
    drawing.blocks.append(block("start", "start.event", event_type=sort.events[0]))
    ends = sequence(draw, drawing, [("start", "entered")], 0)
    drawing.blocks.append(block("exit", "flow.exit"))
    drawing.lead(ends, "exit")
    watch = {"event_type": sort.events[3]}
    settings: dict[str, Any] = draw(
        st.sampled_from([{}, {"goal": watch}, {"goal": watch | {"leave": False}}, {"exit_when": watch}])
    )
    graph = {"blocks": drawing.blocks, "arrows": drawing.arrows, "settings": {"subject": sort.name} | settings}
    return Drawn(graph, called, drawing.caught)


REMOVABLE = {
    "test.mark": "done",
    "marketing.add_points": "done",
    "wait.duration": "done",
    "wait.event": "happened",
    "human.task": "approved",
}


def changed(drawn: Drawn, which: int) -> tuple[Drawn, dict[str, str]]:
    """The next version of a flow: other points, and one block fewer (where one can go). Returns it with the heir of what vanished."""
    ends = set(drawn.caught.values())
    gone = [one for one in drawn.graph["blocks"] if one["kind"] in REMOVABLE and one["id"] not in ends]
    removed = gone[which % len(gone)] if gone and which else None
    arrows: list[dict[str, str]] = drawn.graph["arrows"]
    heirs: dict[str, str] = {}
    if removed is not None:
        out = REMOVABLE[removed["kind"]]
        heir = next(one["to"] for one in arrows if one["from"] == removed["id"] and one["port"] == out)
        heirs = {removed["id"]: heir}
        arrows = [one | {"to": heirs.get(one["to"], one["to"])} for one in arrows if one["from"] != removed["id"]]
    blocks = [_more(one) for one in drawn.graph["blocks"] if one["id"] not in heirs]
    caught = {name: to for name, to in drawn.caught.items() if name not in heirs}
    return Drawn({"blocks": blocks, "arrows": arrows, "settings": drawn.graph["settings"]}, drawn.called, caught), heirs


def _more(one: dict[str, Any]) -> dict[str, Any]:
    if one["kind"] not in ("marketing.add_points", "test.mark"):
        return one
    return one | {"config": one["config"] | {"points": one["config"]["points"] + 1000}}
