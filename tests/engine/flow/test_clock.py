"""Does a moving demo clock play events and timers in their true order, once each, and arrive?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.flow.clock_steps import Stepper
from tandem.flow.module import DemoHook
from tandem.flow.runs import RunStatus
from tandem.kernel.db import Tx, begin
from tandem.stream import steps
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
DAYS = {"amount": "7", "unit": "days"}


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened


def hook(pending: list[NewEvent]) -> DemoHook:
    def next_at(tx: Tx) -> datetime | None:
        return min((one.occurred_at for one in pending), default=None)

    def play(tx: Tx, until: datetime) -> int:
        due = sorted((one for one in pending if one.occurred_at <= until), key=lambda one: one.occurred_at)
        emit(tx, due)
        pending[:] = [one for one in pending if one.occurred_at > until]
        return len(due)

    return DemoHook("test", next_at, play)


def test_each_night_of_a_moving_clock_brings_new_cut_points(house: FlowHouse) -> None:
    (buyer,) = house.add_customers(1)
    with house.worker.transaction():
        tx = begin(house.worker, tenant=house.tenant)
        tx.execute(
            """
            insert into customer_profile (tenant_id, bucket, customer_id, origin_id, order_count, spend_total, first_order_at, last_order_at, updated_at)
            values (%(tenant)s, tandem_bucket(%(id)s), %(id)s, %(id)s, 1, 10, now(), now(), now())
            on conflict (bucket, customer_id) do update set order_count = 1, spend_total = 10, first_order_at = now(), last_order_at = now()
            """,
            {"tenant": house.tenant, "id": buyer},
        )
        assert steps.refresh_cut_points(tx) == 1
    hooks = tuple(one for one in house.rooms.demo if one.name == "stream.cut_points")
    assert hooks
    rooms = replace(house.rooms, demo=hooks, jobs=())
    now = house.now()
    Stepper(rooms, house.db, house.tenant, house.worker).move(now + timedelta(days=3, hours=1), lambda _: None)
    with house.worker.transaction():
        tx = begin(house.worker, tenant=house.tenant)
        made = [row[0] - now for row in tx.cursor("select made_at from rfm_cut where version > 1 order by version")]
        left = tx.value("select count(*) from stream_fanout where task = 'rfm' and (version < 4 or done_at is null)")
    assert [round(one / timedelta(days=1)) for one in made] == [1, 2, 3]
    assert left == 0


def test_timers_and_events_happen_in_order_while_the_clock_moves(house: FlowHouse) -> None:
    early, late, never = house.add_customers(3)
    flow = house.publish(
        graph(
            [START, block("wait", "wait.event", event_type="refund.created", timeout=DAYS), EXIT],
            ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
        ),
    )
    now = house.now()

    def at(kind: str, who: object, **after: float) -> NewEvent:
        return NewEvent(
            type=kind, bucket=who.bytes[15], customer_id=who, occurred_at=now + timedelta(**after), payload={}
        )  # type: ignore[attr-defined]

    pending = [
        *(at("order.paid", one, hours=5) for one in (early, late, never)),
        at("refund.created", early, days=6),
        at("refund.created", late, days=9),
    ]
    rooms = replace(house.rooms, demo=(hook(pending),), jobs=())
    seen: list[datetime] = []
    steps = Stepper(rooms, house.db, house.tenant, house.worker).move(now + timedelta(days=12), seen.append)
    assert steps == len(seen) < 200
    assert seen == sorted(seen)
    assert pending == []
    assert house.now() >= now + timedelta(days=12)
    taken = {one: dict(house.steps(flow, one))["wait"] for one in (early, late, never)}
    assert taken == {early: 0, late: 1, never: 1}
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    ended = {run["customer_id"]: run["ended_at"] - now for run in house.runs(flow)}
    assert timedelta(days=6) <= ended[early] < timedelta(days=6, hours=2)
    assert timedelta(days=7, hours=5) <= ended[never] < timedelta(days=7, hours=8)
