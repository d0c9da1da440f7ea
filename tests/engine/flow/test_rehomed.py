"""A walk-in order whose buyer becomes known between two of its events: her bucket hears the second before the order's runs stand there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.flow.graph import Reentry
from tandem.flow.reheard import Seen, seconds
from tandem.flow.runs import Leaving, RunStatus
from tandem.kernel.ids import derived_id, new_id
from tandem.stream.events import NewEvent
from tandem.stream.identity import commands
from tandem.stream.inbox import emit

EXIT = block("exit", "flow.exit")
DAY = {"amount": "1", "unit": "days"}
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened


def tell(house: FlowHouse, order: UUID, customer: UUID | None, step: str, **more: Any) -> None:
    """A step of an order, filed where the door files it: with its buyer where she is known."""
    with house.tx("worker") as tx:
        told = NewEvent(
            type=f"order.{step}",
            bucket=(customer or order).bytes[15],
            customer_id=customer,
            subject_type="order",
            subject_id=order,
            occurred_at=tx.now,
            payload={"order_id": "W", "status": step, **more},
        )
        emit(tx, [told])


def rehome(house: FlowHouse, order: UUID, owner: UUID, former: UUID | None = None) -> None:
    """The door's command, done by the worker's job."""
    with house.tx("worker") as tx:
        tx.execute(
            "insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, subject_type, subject_id, from_bucket, origin_id, reason, filed_at)"
            " values (%(tenant)s, %(id)s, 'rehome', %(owner)s, %(former)s, 'order', %(order)s, %(bucket)s, %(owner)s, 'test', now())",
            {
                "tenant": house.tenant,
                "id": new_id(),
                "owner": owner,
                "former": former,
                "order": order,
                "bucket": (former or order).bytes[15],
            },
        )
    while (outcome := commands.step(house.db, house.tenant, house.rooms)) is not None:
        assert outcome.status == "done", outcome


def waits(*events: str, **settings: Any) -> dict[str, Any]:
    """Paid, then one of these after the other, each within a day."""
    blocks = [block("start", "start.event", event_type="order.paid"), EXIT, block("late", "flow.exit")]
    names = [f"w{number}" for number in range(len(events))]
    blocks += [block(name, "wait.event", event_type=one, timeout=DAY) for name, one in zip(names, events, strict=True)]
    arrows = [f"start.entered>{names[0]}", *(f"{name}.timeout>late" for name in names)]
    arrows += [f"{name}.happened>{to}" for name, to in zip(names, [*names[1:], "exit"], strict=True)]
    return graph(blocks, arrows, subject="order", **settings)


def test_a_walk_in_order_hears_what_came_before_it_moved_and_goes_through_once(house: FlowHouse) -> None:
    """散客付款 → 出餐、完成时才知道是安娜：她的桶先听到后两件事。"""
    (anna,) = house.add_customers(1)
    order = derived_id(house.tenant, "order", "W")
    goal = {"event_type": "order.completed", "condition": "", "leave": False}
    flow = house.publish(waits("order.changed", "order.completed", goal=goal))
    free = house.publish(waits("order.completed", reentry={"rule": "always", "concurrent": True}), "可同时多次")
    tell(house, order, None, "paid")
    house.settle()
    # The source tells again that it is paid, now with her; then two steps more. All of it is applied before the job has moved anything.
    for step in ("paid", "changed", "completed"):
        tell(house, order, anna, step)
        house.settle()
    first, second = sorted(house.runs(flow), key=lambda run: run["entered_at"])
    assert (first["block"], first["status"], second["status"]) == ("w0", RunStatus.ACTIVE, RunStatus.DONE)
    rehome(house, order, anna)
    house.settle()
    runs = {run["id"]: run for run in house.runs(flow)}
    assert runs[first["id"]]["status"] == RunStatus.DONE
    assert runs[first["id"]]["goal_at"] is not None
    assert {run["bucket"] for run in runs.values()} == {anna.bytes[15]}
    passed = house.owner(
        "select l.visit, l.path[2] from flow_step_log l where l.run_id = %(run)s order by l.visit, l.at",
        {"run": first["id"]},
    )
    # It began, heard the change, and by the last event reached the goal and went on: two rows of one visit.
    assert passed == [(0, 0), (1, 0), (2, Leaving.GOAL), (2, 0)]
    assert [run["status"] for run in house.runs(free)] == [RunStatus.DONE, RunStatus.DONE]
    assert house.count("flow_due") == 0


def test_of_two_runs_about_one_order_the_younger_leaves_with_a_reason(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    order = derived_id(house.tenant, "order", "W")
    flow = house.publish(waits("order.completed"))
    free = house.publish(waits("order.completed", reentry={"rule": "always", "concurrent": True}), "可同时多次")
    tell(house, order, None, "paid")
    house.settle()
    tell(house, order, anna, "paid")
    house.settle()
    rehome(house, order, anna)
    older, younger = sorted(house.runs(flow), key=lambda run: run["entered_at"])
    assert (older["status"], younger["status"]) == (RunStatus.ACTIVE, RunStatus.LEFT)
    ((path,),) = house.owner(
        "select path from flow_step_log where run_id = %(run)s order by visit desc limit 1", {"run": younger["id"]}
    )
    assert path[-1] == Leaving.SECOND
    assert {run["status"] for run in house.runs(free)} == {RunStatus.ACTIVE}
    assert house.count("flow_due") == 3
    # Nothing is heard twice: the event that began the younger was heard by the older as an event, not as its own beginning.
    tell(house, order, anna, "completed")
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE, RunStatus.LEFT]
    assert house.count("flow_due") == 0


def test_a_wait_that_was_over_before_the_event_is_not_ended_by_it(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    order = derived_id(house.tenant, "order", "W")
    flow = house.publish(waits("order.completed"))
    tell(house, order, None, "paid")
    house.settle()
    house.forward(days=2)
    tell(house, order, anna, "completed")
    house.turn()
    # The job comes before any turn has looked at the order's own bucket: by the clock the wait had run out the day before.
    rehome(house, order, anna)
    house.settle()
    assert [(run["block"], run["status"]) for run in house.runs(flow)] == [("w0", RunStatus.DONE)]
    assert house.steps(flow)[-2:] == [("w0", 1), ("late", 0)]


def test_messages_of_its_runs_are_written_to_the_new_owner_and_ruled_on_as_hers(house: FlowHouse) -> None:
    former, owner = house.add_customers(2)
    template = new_id()
    house.owner(
        "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, created_at, updated_at)"
        " values (%(template)s, %(tenant)s, '提醒', 'simulated', 'marketing', '您好', '{}', now(), now())",
        {"template": template},
    )
    house.owner("insert into frequency_cap (tenant_id, quiet_from, quiet_until) values (%(tenant)s, '00:00', '00:01')")
    send = block("send", "messaging.send", template=str(template), when_capped="hold")
    start = block("start", "start.event", event_type="order.paid")
    wait = block("wait", "wait.event", event_type="order.completed", timeout=DAY)
    arrows = ["start.entered>send", *(f"send.{port}>wait" for port in ("sent", "skipped"))]
    arrows += ["wait.happened>exit", "wait.timeout>exit"]
    house.publish(graph([start, send, wait, EXIT], arrows, subject="order"))
    order = derived_id(house.tenant, "order", "W")
    tell(house, order, former, "paid")
    house.turn()
    house.owner(
        "insert into consent_log (bucket, id, tenant_id, customer_id, origin_id, channel, purpose, state, at, source, recorded_at)"
        " select tandem_bucket(%(owner)s), tandem_new_id(), %(tenant)s, %(owner)s, %(owner)s, '*', 'marketing', 'withdrawn', now(), 'test', now()",
        {"owner": owner},
    )
    house.owner("update outbox_message set status = 'released', released_at = now(), booked_at = now()")
    rehome(house, order, owner, former)
    moved = house.owner("select bucket, customer_id, origin_id, status, booked_at from outbox_message")
    assert moved == [(owner.bytes[15], owner, former, "planned", None)]
    house.settle()
    ((status, reason),) = house.owner("select status, reason from outbox_message")
    assert (status, reason) == ("cancelled", "consent_withdrawn")


def run(place: int, *, source: bool, status: int = RunStatus.ACTIVE, days: float = 0) -> Seen:
    at = NOW + timedelta(days=days, minutes=place)
    return Seen(UUID(int=place), 1 if source else 2, UUID(int=0), 1, status, at, at)


@pytest.mark.parametrize(
    ("rule", "runs", "gone"),
    [
        ("after_leaving", [run(0, source=True), run(1, source=False)], [1]),
        ("after_leaving", [run(0, source=False), run(1, source=True)], [1]),
        ("after_leaving", [run(0, source=True, status=RunStatus.DONE), run(1, source=False)], []),
        ("never", [run(0, source=True, status=RunStatus.DONE), run(1, source=False)], [1]),
        ("never", [run(0, source=True), run(1, source=False, status=RunStatus.DONE)], []),
        ("after_days", [run(0, source=True, status=RunStatus.DONE), run(1, source=False, days=3)], [1]),
        ("after_days", [run(0, source=True, status=RunStatus.DONE), run(1, source=False, days=9)], []),
        ("at_most", [run(0, source=True, status=RunStatus.DONE), run(1, source=False)], []),
        ("at_most", [run(0, source=True, status=1), run(1, source=True, status=1), run(2, source=False)], [2]),
        # What one side let in by itself was judged there, under the rule of that time.
        ("never", [run(0, source=True, status=RunStatus.DONE), run(1, source=True)], []),
    ],
)
def test_which_of_several_leaves(
    rule: Literal["after_leaving", "never", "after_days", "at_most"], runs: list[Seen], gone: list[int]
) -> None:
    found = seconds(runs, Reentry(rule=rule, days=7, times=2), 1)
    assert [one.id.int for one in found] == gone
