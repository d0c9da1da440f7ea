"""Does one bad run fail alone, visibly, and can it be retried or skipped?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from harness.database import Database
from harness.drawing import Fragile
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow import entry, fanout, people
from tandem.flow.alerts import watch
from tandem.flow.module import KindRegistry
from tandem.flow.node import DONE, Batch, Config, Group, NodeKind, Outcome, Port
from tandem.flow.plans import PlanShelf
from tandem.flow.runs import FAILURES_MAX, Leaving, RunStatus
from tandem.flow.runtime import Engine
from tandem.kernel.turn import Turn
from tandem.stream.things import records, types

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")


class Plain(NodeKind[Config]):
    """Has no fragment: raises for customers that are told so, refuses others one by one."""

    kind = "test.plain"
    group = Group.FLOW
    label = help = Label("普通", "Plain")
    config = Config
    raising: ClassVar[set[object]] = set()
    refusing: ClassVar[set[object]] = set()

    def ports(self, config: Config) -> tuple[Port, ...]:
        return (DONE,)

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        if self.raising & set(batch.customers):
            raise ValueError("cannot stand this one")
        errors = {i: "refused" for i, one in enumerate(batch.customers) if one in self.refusing}
        return Outcome(ports=[0] * len(batch), facts=[{"n": len(batch)}] * len(batch), errors=errors)


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        kinds = KindRegistry([*opened.rooms.kinds.newest(), Fragile(), Plain()])
        opened.rooms = replace(opened.rooms, kinds=kinds)
        opened.engine = Engine(opened.rooms, opened.engine.worker)
        Plain.raising, Plain.refusing = set(), set()
        yield opened


def flow_of(house: FlowHouse, kind: str) -> object:
    return house.publish(
        graph(
            [START, block("tested", kind), block("points", "marketing.add_points", points=1, reason="t"), EXIT],
            ["start.entered>tested", "tested.done>points", "points.done>exit"],
        ),
    )


def test_a_run_that_fails_in_sql_fails_alone_and_can_be_retried(house: FlowHouse) -> None:
    good = house.add_customers(60, city="good")
    (bad,) = house.add_customers(1, city="bad")
    flow = flow_of(house, "test.fragile")
    house.events([("order.paid", one, {}) for one in [*good[:30], bad, *good[30:]]])
    house.settle()
    states = {run["customer_id"]: run["status"] for run in house.runs(flow)}
    assert states == dict.fromkeys(good, RunStatus.DONE) | {bad: RunStatus.FAILED}
    ((reason,),) = house.owner("select reason from flow_parked")
    assert "not a number" in reason
    assert house.count("points_lot") == 60
    house.owner("update customer set city = 'good' where id = %(one)s", {"one": bad})
    with house.tx() as tx:
        fanout.spread(tx, "retry", flow, {})
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot") == 61
    assert house.count("flow_parked") == 0


def test_a_failure_is_shown_at_the_block_that_failed(house: FlowHouse) -> None:
    """Start, points, tested and the second points are one statement; the run fails at `tested` all the same."""
    good = house.add_customers(20, city="good")
    (bad,) = house.add_customers(1, city="bad")
    points = {"points": 1, "reason": "t"}
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, 'vip', 'vip', now())")
    flow = house.publish(
        graph(
            [
                START,
                block("before", "marketing.add_points", **points),
                block("tested", "test.fragile"),
                block("after", "customer.add_tag", tag="vip"),
                EXIT,
            ],
            ["start.entered>before", "before.done>tested", "tested.done>after", "after.done>exit"],
        )
    )
    house.events([("order.paid", one, {}) for one in [*good[:10], bad, *good[10:]]])
    house.settle()
    (failed,) = [run for run in house.runs(flow) if run["status"] == RunStatus.FAILED]
    assert (failed["customer_id"], failed["block"]) == (bad, "tested")
    assert house.owner("select block from flow_parked") == [("tested",)]
    assert house.steps(flow, bad) == [("start", 0), ("before", 0), ("tested", int(Leaving.FAILED))]
    assert house.count("points_lot") == 21, "what it passed before it failed is done, once"
    house.owner("update customer set city = 'good' where id = %(one)s", {"one": bad})
    with house.tx() as tx:
        people.retry(tx, PlanShelf(house.rooms.catalog, house.rooms.kinds), failed["id"])
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot") == 21
    assert house.steps(flow, bad)[-3:] == [("tested", 0), ("after", 0), ("exit", 0)]


def test_a_block_is_skipped_where_it_failed(house: FlowHouse) -> None:
    (bad,) = house.add_customers(1, city="bad")
    flow = flow_of(house, "test.fragile")
    house.event("order.paid", bad)
    house.settle()
    with house.tx() as tx:
        fanout.spread(tx, "skip", flow, {})
    house.settle()
    assert house.steps(flow, bad)[-3:] == [("tested", int(Leaving.SKIPPED)), ("points", 0), ("exit", 0)]


def test_a_run_whose_block_raises_fails_alone_and_can_be_skipped(house: FlowHouse) -> None:
    customers = house.add_customers(40)
    Plain.raising, Plain.refusing = {customers[7]}, {customers[8]}
    flow = flow_of(house, "test.plain")
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    failed = {run["customer_id"] for run in house.runs(flow) if run["status"] == RunStatus.FAILED}
    assert failed == {customers[7], customers[8]}
    reasons = {row[0] for row in house.owner("select reason from flow_parked")}
    assert reasons == {"ValueError: cannot stand this one", "refused"}
    with house.tx() as tx:
        fanout.spread(tx, "skip", flow, {})
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot") == 40


def test_past_so_many_failures_the_rest_goes_one_by_one_and_nobody_is_lost(house: FlowHouse) -> None:
    bad = house.add_customers(FAILURES_MAX + 20, city="bad")
    good = house.add_customers(20, city="good")
    flow = flow_of(house, "test.fragile")
    house.events([("order.paid", one, {}) for one in [*bad, *good]])
    house.settle()
    from tandem.flow.runs import Lane

    for _ in range(40):
        house.turn(Lane.SLOW)
    house.settle()
    states = {run["customer_id"]: run["status"] for run in house.runs(flow)}
    assert states == dict.fromkeys(bad, RunStatus.FAILED) | dict.fromkeys(good, RunStatus.DONE)
    assert house.count("flow_parked") == len(bad)


def test_pausing_holds_runs_and_stopping_lets_them_leave(house: FlowHouse) -> None:
    from tandem.flow import service

    customers = house.add_customers(5)
    flow = house.publish(
        graph(
            [START, block("wait", "wait.duration", span={"amount": "1", "unit": "hours"}), EXIT],
            ["start.entered>wait", "wait.done>exit"],
        ),
    )
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    with house.tx() as tx:
        service.pause(tx, flow)
    house.forward(hours=2)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.HELD}
    with house.tx() as tx:
        service.resume(tx, flow)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    with house.tx() as tx:
        service.stop(tx, flow)
    house.settle()
    assert sorted(run["status"] for run in house.runs(flow)) == [RunStatus.DONE] * 5 + [RunStatus.LEFT] * 5
    assert house.count("flow_due") == 0


def test_a_new_version_takes_runs_over_at_the_same_block(house: FlowHouse) -> None:
    from tandem.flow import service
    from tandem.flow.graph import parse_graph

    (customer,) = house.add_customers(1)
    hour = {"amount": "1", "unit": "hours"}

    def drawn(extra: bool) -> dict[str, object]:
        blocks = [START, block("wait", "wait.duration", span=hour), EXIT]
        if not extra:
            return graph(blocks, ["start.entered>wait", "wait.done>exit"])
        more = block("points", "marketing.add_points", points=1, reason="t")
        return graph([*blocks, more], ["start.entered>wait", "wait.done>points", "points.done>exit"])

    flow = house.publish(drawn(extra=False))
    house.event("order.paid", customer)
    house.settle()
    with house.tx() as tx:
        etag = service.get_flow(tx, flow).draft_etag
        service.save_draft(tx, flow, parse_graph(drawn(extra=True)).stored(), etag)
        service.publish(tx, house.rooms, flow, frozenset({"*"}), running="move")
    house.settle()
    house.forward(hours=2)
    house.settle()
    assert house.steps(flow) == [("start", 0), ("wait", 0), ("points", 0), ("exit", 0)]


def test_a_new_version_takes_over_who_is_in_the_slow_lane(house: FlowHouse) -> None:
    """A turn with too many failures puts the rest into the slow lane, whose timers move with their runs like any other."""
    from tandem.flow import service
    from tandem.flow.graph import parse_graph
    from tandem.flow.runs import Lane

    (customer,) = house.add_customers(1)
    blocks = [START, block("wait", "wait.duration", span={"amount": "1", "unit": "hours"}), EXIT]
    drawn = graph(blocks, ["start.entered>wait", "wait.done>exit"])
    flow = house.publish(drawn)
    house.event("order.paid", customer)
    house.settle()
    house.owner("update flow_due set lane = %(slow)s", {"slow": int(Lane.SLOW)})
    with house.tx() as tx:
        service.save_draft(tx, flow, parse_graph(drawn).stored(), service.get_flow(tx, flow).draft_etag)
        service.publish(tx, house.rooms, flow, frozenset({"*"}), running="move")
    house.settle()
    house.forward(hours=2)
    house.turn(Lane.SLOW)
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE]
    assert house.count("flow_due") == 0


def test_who_leaves_takes_a_timer_in_the_slow_lane_along(house: FlowHouse) -> None:
    from tandem.flow import service
    from tandem.flow.runs import Lane

    (customer,) = house.add_customers(1)
    blocks = [START, block("wait", "wait.duration", span={"amount": "1", "unit": "hours"}), EXIT]
    flow = house.publish(graph(blocks, ["start.entered>wait", "wait.done>exit"]))
    house.event("order.paid", customer)
    house.settle()
    house.owner("update flow_due set lane = %(slow)s", {"slow": int(Lane.SLOW)})
    with house.tx() as tx:
        service.stop(tx, flow)
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.LEFT]
    assert house.count("flow_due") == 0


def test_a_condition_that_fails_for_one_customer_stops_neither_the_others_nor_the_turn(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a start, of a goal by event, and of an exit that is asked when facts change."""
    whole = entry.condition_of

    def breaking(catalog: Catalog, text: str | None, *more: Any) -> entry.Condition:
        found = whole(catalog, text, *more)
        if text != "customer.city = 'bad'":
            return found
        check = "(select case when c.city = 'bad' then 'not a number' else '1' end from customer c where c.id = r.customer_id)::int"
        return entry.Condition(f"({check} = 2 or {check} = %(cond_one)s::int)", "", {"cond_one": 1})

    monkeypatch.setattr(entry, "condition_of", breaking)
    good = house.add_customers(6, city="good")
    (bad,) = house.add_customers(1, city="bad")
    start = block("start", "start.event", event_type="visit.recorded")
    wait = block("wait", "wait.duration", span={"amount": "1", "unit": "hours"})
    arrows = ["start.entered>wait", "wait.done>exit"]
    fragile = {"condition": "customer.city = 'bad'"}
    picky = house.publish(graph([{**start, "config": {**start["config"], **fragile}}, wait, EXIT], arrows), "挑")
    leaving = house.publish(graph([start, wait, EXIT], arrows, exit_when=fragile), "离")
    house.events([("visit.recorded", one, {}) for one in [*good[:3], bad, *good[3:]]])
    house.settle()
    assert {run["customer_id"] for run in house.runs(picky)} == set(good)
    assert {run["customer_id"]: run["status"] for run in house.runs(leaving)} == dict.fromkeys(good, RunStatus.LEFT) | {
        bad: RunStatus.ACTIVE
    }
    told = house.owner("select distinct flow_id from flow_ignored where reason = 'failed'")
    assert {flow for (flow,) in told} == {picky, leaving}


def test_an_audience_goes_on_past_somebody_whose_data_fails_and_an_alert_says_so(house: FlowHouse) -> None:
    fields = [types.ThingField("area", "面积", "Area", "number")]
    with house.tx() as tx:
        of = types.create(tx, house.rooms.catalog, "opening", Label("加盟开店", "Opening"), fields, [])
        rows = records.write(tx, of, [records.Told(f"K{n}", fields={"area": n}) for n in range(9)])
    house.owner("update thing set data = '{\"area\": \"?\"}' where number = 'K3'")
    # All in one bucket, as in a small company: whoever is asked for, a plan may look at them all.
    house.owner("update thing set bucket = 7")
    start = block("start", "start.each", every="day", at="00:00", condition="opening.area > 4")
    flow = house.publish(
        graph(
            [
                start,
                block("wait", "wait.until", condition="opening.area > 50", timeout={"amount": "9", "unit": "days"}),
                block("exit", "flow.exit"),
            ],
            ["start.entered>wait", "wait.true>exit", "wait.timeout>exit"],
            subject="opening",
        )
    )
    house.owner("delete from inbox")
    house.forward(days=1)
    house.settle()
    assert len(house.runs(flow)) == 4
    failing = next(row.id for row in rows if row.number == "K3")
    assert house.owner("select flow_id, block, subject_id from flow_left_out") == [(flow, "start", failing)]
    with house.tx("worker") as tx:
        found = [one for one in watch.look(tx, house.rooms) if one.kind == "left_out"]
    assert [(one.flow_id, one.block, one.n) for one in found] == [(flow, "start", 1)]
    # However often a start that recurs passes it over, it is noted once.
    first = house.owner("select at from flow_left_out")
    house.owner("delete from inbox")
    house.forward(days=1)
    house.settle()
    again = house.owner("select at from flow_left_out")
    assert len(again) == 1
    assert again > first
