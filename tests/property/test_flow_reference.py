"""Random flows and random histories: the engine does what an interpreter does that moves one run at a time.

A few examples in every run; `TANDEM_FLOW_EXAMPLES=500` asks for many.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.database import Database
from harness.flows import FlowHouse, block, open_flow_house
from harness.interpreter import Interpreter
from tandem.flow.runs import INSIDE

EXAMPLES = int(os.environ.get("TANDEM_FLOW_EXAMPLES", "4"))
BLOCKS_MAX = 12
EVENTS = ("order.paid", "refund.created", "visit.recorded", "coupon.redeemed")
TABLES = ("flow_run", "flow_due", "flow_step_log", "points_lot", "points_entry", "flow_parked")


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


@dataclass
class Drawing:
    """A flow as it is drawn, from left to right. Every wait has a length of its own, so that no two end at the same moment."""

    blocks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    arrows: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def add(self, kind: str, **config: Any) -> str:
        name = f"b{len(self.blocks)}"
        self.blocks.append(block(name, kind, **config))
        return name

    def lead(self, ends: list[tuple[str, str]], to: str) -> None:
        self.arrows += [{"from": name, "port": port, "to": to} for name, port in ends]

    def span(self) -> dict[str, str]:
        return {"amount": str(40 + 17 * len(self.blocks)), "unit": "minutes"}


Ends = list[tuple[str, str]]


def sequence(draw: st.DrawFn, drawing: Drawing, ends: Ends, depth: int) -> Ends:
    """Draw up to three blocks after these ends; returns what leads out of the last."""
    kinds = ["points", "condition", "wait", "event", *(["parallel"] if depth < 2 else [])]
    for drawn in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)):
        kind = drawn if len(drawing.blocks) < BLOCKS_MAX else "points"
        match kind:
            case "points":
                name = drawing.add("marketing.add_points", points=1 + len(drawing.blocks), reason="t")
                outs = ["done"]
            case "condition":
                ways = [{"name": "y", "label": "是", "condition": "customer.city = '上海'"}]
                name, outs = drawing.add("decide.condition", ways=ways), ["y", "else"]
            case "wait":
                name, outs = drawing.add("wait.duration", span=drawing.span()), ["done"]
            case "event":
                what = draw(st.sampled_from(EVENTS[1:3]))
                name, outs = drawing.add("wait.event", event_type=what, timeout=drawing.span()), ["happened", "timeout"]
            case _:
                name, outs = parallel(draw, drawing, depth), ["done", "timeout"]
        drawing.lead(ends, name)
        ends = [(name, out) for out in outs]
    return ends


def parallel(draw: st.DrawFn, drawing: Drawing, depth: int) -> str:
    """A fork with its branches.

    "Enough" is asked for where branches hold no forks: who is quicker within one moment is nobody's promise.
    """
    enough = draw(st.sampled_from([0, 0, 1]))
    more = {"timeout": drawing.span()} if draw(st.booleans()) else {}
    name = drawing.add(
        "flow.parallel", branches=[{"name": "p", "label": "P"}, {"name": "q", "label": "Q"}], enough=enough, **more
    )
    join = drawing.add("flow.join")
    for branch in ("p", "q"):
        drawing.lead(sequence(draw, drawing, [(name, branch)], 2 if enough else depth + 1), join)
    return name


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    drawing = Drawing()
    drawing.blocks.append(block("start", "start.event", event_type="order.paid"))
    ends = sequence(draw, drawing, [("start", "entered")], 0)
    drawing.blocks.append(block("exit", "flow.exit"))
    drawing.lead(ends, "exit")
    goal = {"goal": {"event_type": "coupon.redeemed"}} if draw(st.booleans()) else {}
    return {"blocks": drawing.blocks, "arrows": drawing.arrows, "settings": goal}


history = st.lists(st.one_of(st.sampled_from(EVENTS), st.just("time")), min_size=3, max_size=9)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 50,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(drawn=flows(), steps=history)
def test_the_engine_does_what_one_run_at_a_time_would_do(
    house: FlowHouse, drawn: dict[str, Any], steps: list[str]
) -> None:
    cities = dict(
        zip(house.add_customers(1, city="上海") + house.add_customers(1, city="北京"), ("上海", "北京"), strict=True)
    )
    flow = house.publish(drawn)
    models = {who: Interpreter(drawn, city) for who, city in cities.items()}
    try:
        for step in ["order.paid", *steps]:
            if step == "time":
                due = min((at for one in models.values() if (at := one.next_due()) is not None), default=None)
                if due is not None:
                    house.forward(seconds=max(0.0, (due - house.now()).total_seconds()) + 20)
            else:
                house.events([(step, who, {}) for who in cities])
            house.settle()
            for model in models.values():
                model.time(house.now()) if step == "time" else model.event(step, house.now())
            compare(house, flow, models)
    finally:
        house.owner("update flow set status = 'stopped' where id = %(flow)s", {"flow": flow})
        house.owner("update flow_epoch set epoch = epoch + 1")
        for table in TABLES:
            house.owner(f"delete from {table}")


def compare(house: FlowHouse, flow: Any, models: dict[Any, Interpreter]) -> None:
    """The same runs at the same blocks, the same ways gone by each, the same points, and no timer without a run."""
    runs = house.runs(flow)
    with house.tx() as tx:
        numbers: dict[str, int] = tx.value("select numbers from flow where id = %(flow)s", {"flow": flow})
        graph: dict[str, Any] = tx.value("select graph from flow_version where flow_id = %(flow)s", {"flow": flow})
    ports: dict[int, tuple[str, list[str]]] = {}
    for one in graph["blocks"]:
        kind = house.rooms.kinds.get(one["kind"], 1)
        assert kind is not None
        ports[numbers[one["id"]]] = (
            one["id"],
            [port.name for port in kind.ports(kind.config.model_validate(one["config"]))],
        )
    gone: dict[Any, list[tuple[str, str]]] = {}
    for run, number, port in house.owner(
        "select run_id, block, port from flow_step where port >= 0 order by run_id, at, visit, position"
    ):
        name, names = ports[number]
        gone.setdefault(run, []).append((name, names[port] if names else ""))
    for who, model in models.items():
        mine = [run for run in runs if run["customer_id"] == who]
        assert Counter(
            (run["block"], tuple(gone.get(run["id"], ()))) for run in mine if run["status"] in INSIDE
        ) == Counter((one.block, tuple(one.passed)) for one in model.runs if not one.ended)
        assert Counter(tuple(gone.get(run["id"], ())) for run in mine) == Counter(
            tuple(one.passed) for one in model.runs
        )
        assert house.count("flow_run", f"customer_id = '{who}' and goal_at is not null") == model.goals
        ((points,),) = house.owner(
            "select coalesce(sum(earned), 0)::int from points_lot where customer_id = %(who)s", {"who": who}
        )
        assert points == model.points
    assert house.owner(
        "select count(*) from flow_due d left join flow_run r on r.bucket = d.bucket and r.id = d.run_id and r.wake_at = d.wake_at and r.status = 0"
        " where r.id is null"
    ) == [(0,)]
