"""Claims that begin after the last row taken: nothing is taken twice, nothing is passed over for good."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from harness.flows import ALL_BUCKETS, FlowHouse
from tandem.flow.advance import claim
from tandem.flow.marks import SLOW_CLAIMS, SLOW_SECONDS, SWEEP_SECONDS, Marks
from tandem.flow.runs import Lane
from tandem.kernel.turn import Turn

SLOW = 2 * SLOW_SECONDS


class Clock:
    """A clock that stands until it is moved."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


def file(house: FlowHouse, count: int, *, ago: timedelta) -> None:
    house.owner(
        "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch)"
        " select mod(g, 4), %(tenant)s, 1, now() - %(ago)s, tandem_new_id(), 1 from generate_series(1, %(n)s) g",
        {"n": count, "ago": ago},
    )


def taken(house: FlowHouse, marks: Marks, limit: int = 50) -> set[str]:
    """Claim once and commit."""
    with house.tx("worker") as tx:
        found = claim(Turn(tx, ALL_BUCKETS[:8]), Lane.NORMAL, limit, 64, marks)
        return {run for one in found for run in one.runs[1:-1].split(",")}


def slow(house: FlowHouse, clock: Clock) -> Marks:
    """Marks of a lane in which the last claims from the beginning were slow."""
    marks = Marks(clock)
    for _ in range(SLOW_CLAIMS):
        marks.swept(house.tenant, Lane.NORMAL, SLOW)
    return marks


def test_claims_go_on_where_the_last_one_ended(house: FlowHouse) -> None:
    marks = slow(house, Clock())
    file(house, 200, ago=timedelta(minutes=1))
    parts = [taken(house, marks) for _ in range(5)]
    assert [len(part) for part in parts] == [50, 50, 50, 50, 0]
    assert len(set().union(*parts)) == 200
    assert house.count("flow_due") == 0
    file(house, 8, ago=timedelta(0))
    assert len(taken(house, marks)) == 8, "what comes due later lies behind the mark"


def test_what_was_filed_before_the_mark_is_found_at_the_next_look(house: FlowHouse) -> None:
    clock = Clock()
    marks = slow(house, clock)
    file(house, 8, ago=timedelta(minutes=1))
    assert len(taken(house, marks)) == 8
    file(house, 8, ago=timedelta(hours=1))
    assert not taken(house, marks)
    clock.at += SWEEP_SECONDS
    assert len(taken(house, marks)) == 8


def test_a_turn_that_came_to_nothing_gives_its_rows_back(house: FlowHouse) -> None:
    marks = slow(house, Clock())
    file(house, 8, ago=timedelta(minutes=1))
    with house.tx("worker") as tx:
        assert sum(one.count for one in claim(Turn(tx, ALL_BUCKETS[:8]), Lane.NORMAL, 50, 64, marks)) == 8
        tx.conn.rollback()
    marks.forget(house.tenant)
    assert len(taken(house, marks)) == 8


def test_only_slow_lanes_are_remembered_and_live_ones_never() -> None:
    clock, tenant = Clock(), UUID(int=1)
    marks = Marks(clock)
    for lane, seconds, remembered in (
        (Lane.NORMAL, SLOW_SECONDS / 2, False),
        (Lane.NORMAL, SLOW, True),
        (Lane.NORMAL, SLOW_SECONDS / 2, False),
        (Lane.LIVE, 1.0, False),
        (Lane.BULK, 1.0, True),
    ):
        marks.swept(tenant, lane, seconds)
        assert marks.places(tenant, lane, [1]) is None, "a single one has only waited"
        marks.swept(tenant, lane, seconds)
        marks.swept(tenant, lane, seconds)
        assert (marks.places(tenant, lane, [1, 2]) is not None) == remembered
    clock.at += 10
    assert marks.places(tenant, Lane.BULK, [1]) == [None], "a sweep of a second comes every twenty"
