"""A tenant whose backlog is past a limit is told to come back, and nobody else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.database import Database
from harness.door import Door, moment, phone
from tandem.kernel.errors import Throttled
from tandem.stream.door.pending import resolve_waiting, take_in
from tandem.stream.door.pressure import Backlog, Pressure, backlog, retry_after
from tandem.stream.door.wire import parse


@pytest.fixture
def door(database: Database):  # noqa: ANN201
    made = Door(database)
    yield made
    made.close()


def leave(door: Door, count: int, start: int = 0) -> None:
    import json

    records = [
        door.record("customer", {"identifiers": [phone(start + n)]}, external_id=f"p{start + n}", time=moment())
        for n in range(count)
    ]
    with door.tx() as tx:
        take_in(tx, parse(json.dumps({"events": records}).encode()))


@pytest.mark.parametrize(
    ("found", "seconds"),
    [
        (Backlog(0, 0), 0),
        (Backlog(9, 9), 0),
        (Backlog(10, 0), 1),
        (Backlog(0, 10), 1),
        (Backlog(4010, 0), 3),
        (Backlog(10**7, 0), 60),
    ],
)
def test_the_pause_grows_with_the_backlog_and_is_bounded(found: Backlog, seconds: int) -> None:
    assert retry_after(found, pending_max=10, inbox_max=10) == seconds


def test_a_backlog_closes_the_door_until_it_is_worked_off(door: Door, database: Database) -> None:
    calm = Door(database)
    time = [0.0]
    pressure = Pressure(pending_max=5, inbox_max=1000, clock=lambda: time[0])
    leave(door, 4)
    pressure.check(door.db, door.tenant)
    leave(door, 3, start=10)
    time[0] += 10
    with pytest.raises(Throttled) as refused:
        pressure.check(door.db, door.tenant)
    assert refused.value.retry_after_seconds == 1
    pressure.check(door.db, calm.tenant)
    while resolve_waiting(door.db, door.kinds):
        pass
    time[0] += 10
    pressure.check(door.db, door.tenant)
    calm.close()


def test_events_that_wait_to_be_applied_count_and_history_does_not(door: Door) -> None:
    door.send(*(door.behaviour(phone(n)) for n in range(3)))
    with door.tx() as tx:
        live = backlog(tx)
    door.send(*(door.behaviour(phone(n), mode="backfill") for n in range(3)))
    with door.tx() as tx:
        after = backlog(tx)
    assert live.inbox >= 3
    assert after.inbox == live.inbox


def test_under_load_one_tenant_is_refused_and_its_neighbour_taken(door: Door, database: Database) -> None:
    """Sixteen senders at once against one pool: the flooder's calls are refused, every call of the other goes through."""
    calm = Door(database)
    pressure = Pressure(pending_max=50, inbox_max=10**6)
    leave(door, 60)

    def send(tenant: Door) -> bool:
        try:
            pressure.check(door.db, tenant.tenant)
        except Throttled:
            return False
        with door.db.tx("door", tenant=tenant.tenant) as tx:
            return tx.value("select 1") == 1

    with ThreadPoolExecutor(16) as crowd:
        # The first look of each tenant may let those through that came while it looked; from then on the verdict stands.
        assert send(door) is False
        flooded = list(crowd.map(send, [door] * 100))
        calmly = list(crowd.map(send, [calm] * 100))
    assert flooded == [False] * 100
    assert calmly == [True] * 100
    calm.close()
