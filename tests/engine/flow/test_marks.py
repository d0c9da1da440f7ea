"""Claims that begin after the last row taken: nothing is taken twice, nothing is passed over for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.flows import ALL_BUCKETS, FlowHouse
from tandem.flow import worker as room
from tandem.flow.advance import CLAIM_AFTER, beside_rows, claim
from tandem.flow.ids import items_of
from tandem.flow.kinds.wait_until import MomentConfig, WaitMoment
from tandem.flow.lookout import look
from tandem.flow.marks import BEGINNING, SLOW_CLAIMS, SLOW_SECONDS, SWEEP_SECONDS, Marks
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine
from tandem.flow.worker import Worker
from tandem.kernel.turn import Turn

SLOW = 2 * SLOW_SECONDS


class Clock:
    """A clock that stands until it is moved."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


class AlwaysSlow(Marks):
    """Marks to which every claim from the beginning is as slow, however long it took."""

    def swept(self, tenant: UUID, lane: Lane, seconds: float, buckets: Sequence[int] = ()) -> None:
        del seconds
        super().swept(tenant, lane, SLOW, buckets)


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
        return {run for one in found for run in items_of(one.runs)}


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


def test_a_claim_reads_what_it_took_once(house: FlowHouse) -> None:
    """How far it came is found once for the claim, not once for every row of it."""
    file(house, 60, ago=timedelta(minutes=1))
    with house.tx("worker") as tx:
        turn = Turn(tx, ALL_BUCKETS[:4])
        starts = {"after": [BEGINNING[0]] * 4, "after_runs": [BEGINNING[1]] * 4}
        asked = turn.params(lane=int(Lane.NORMAL), each=64, limit=64, **starts)
        [(found,)] = tx.cursor(f"explain (analyze, timing off, format json) {CLAIM_AFTER}", asked).fetchall()
    times = [node["Actual Loops"] for node in nodes(found[0]["Plan"]) if node.get("CTE Name") == "taken"]
    assert times == [1, 1]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def test_a_large_claim_is_not_a_slow_one() -> None:
    rows = [(1, 3000), (2, 1000)]
    assert beside_rows(0.02 + SLOW_SECONDS / 2, rows) < SLOW_SECONDS < beside_rows(0.02 + SLOW, rows)


def test_what_was_filed_before_the_mark_is_found_at_the_next_look(house: FlowHouse) -> None:
    clock = Clock()
    marks = slow(house, clock)
    file(house, 8, ago=timedelta(minutes=1))
    assert len(taken(house, marks)) == 8
    file(house, 8, ago=timedelta(hours=1))
    assert not taken(house, marks)
    clock.at += SWEEP_SECONDS
    assert len(taken(house, marks)) == 8


def test_many_runs_behind_a_mark_go_on_without_a_rest(house: FlowHouse) -> None:
    clock = Clock()
    marks = AlwaysSlow(clock)
    for _ in range(SLOW_CLAIMS):
        taken(house, marks)
    file(house, 8, ago=timedelta(minutes=1))
    assert len(taken(house, marks)) == 8
    file(house, 120, ago=timedelta(hours=1))
    assert not taken(house, marks)
    clock.at += 2 * SWEEP_SECONDS
    assert [len(taken(house, marks)) for _ in range(3)] == [50, 50, 20]


def test_a_look_that_meets_its_limit_goes_on_in_the_buckets_it_did_not_come_to(house: FlowHouse) -> None:
    """Behind the marks of all four buckets lies work; each look takes what one of them holds."""
    clock = Clock()
    marks = AlwaysSlow(clock)
    for _ in range(SLOW_CLAIMS):
        taken(house, marks)
    file(house, 4, ago=timedelta(minutes=1))
    assert len(taken(house, marks)) == 4
    file(house, 40, ago=timedelta(hours=1))
    got: dict[int, int] = {}
    for _ in range(4):
        clock.at += SWEEP_SECONDS
        before = dict(house.owner("select bucket, count(*) from flow_due group by 1"))
        # The next turn finds new work in the first bucket each time: without a turn for the others it would take only that.
        house.owner(
            "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch)"
            " select 0, %(tenant)s, 1, now() - interval '2 hours', tandem_new_id(), 1 from generate_series(1, 10) g"
        )
        taken(house, marks, limit=10)
        after = dict(house.owner("select bucket, count(*) from flow_due group by 1"))
        for bucket in (1, 2, 3):
            got[bucket] = got.get(bucket, 0) + before.get(bucket, 0) - after.get(bucket, 0)
    assert got == {1: 10, 2: 10, 3: 10}


def test_a_look_that_finds_little_or_what_lies_after_the_mark_is_not_repeated() -> None:
    clock, tenant = Clock(), UUID(int=1)
    marks = Marks(clock)
    for _ in range(SLOW_CLAIMS):
        marks.swept(tenant, Lane.NORMAL, SLOW)
    mark = datetime(2026, 1, 2, tzinfo=UTC), UUID(int=5)
    marks.reached(tenant, Lane.NORMAL, [(1, *mark)])
    for places, again in (
        ([], False),
        ([(1, mark[0], UUID(int=6)), (2, *mark)], False),
        ([(1, mark[0], UUID(int=4))], True),
    ):
        marks.looked(tenant, Lane.NORMAL, places)
        assert (marks.places(tenant, Lane.NORMAL, [1]) is None) == again


def test_a_worker_rests_while_what_is_due_lies_behind_a_mark(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FRUITLESS_SECONDS", 3600.0)
    house.worker.close()
    worker = Worker(house.db.url("worker"), house.rooms, house.engine.worker)
    clock = Clock()
    worker.engine.marks = slow(house, clock)
    worker.engine.marks.reached(
        house.tenant, Lane.NORMAL, [(bucket, datetime.now(UTC), UUID(int=0)) for bucket in range(4)]
    )
    file(house, 8, ago=timedelta(hours=1))
    turns: list[Lane] = []
    real = Engine.turn

    def turn(self: Engine, connection: Any, tenant: UUID, buckets: Any, lane: Lane, *more: Any) -> Any:
        turns.append(lane)
        return real(self, connection, tenant, buckets, lane, *more)

    monkeypatch.setattr(Engine, "turn", turn)
    for _ in range(20):
        worker.round()
    # It is not told of what lies behind a mark; when the beginning is due to be looked at, it looks once.
    assert turns.count(Lane.NORMAL) == 0
    assert house.count("flow_due") == 8
    clock.at += 2 * SWEEP_SECONDS
    for _ in range(20):
        worker.round()
    worker.close()
    # Turns serve sixteen buckets each: one look at each part, and every row is found.
    assert turns.count(Lane.NORMAL) <= 16
    assert house.count("flow_due") == 0


def test_a_look_beside_marks_sees_all_but_what_lies_before_them(house: FlowHouse) -> None:
    others = [UUID(int=1), UUID(int=(1 << 128) - 2)]
    file(house, 8, ago=timedelta(minutes=1))
    for lane, bucket in ((0, 0), (2, 1), (3, 5)):
        house.owner(
            "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch)"
            " values (%(bucket)s, %(tenant)s, %(lane)s, now() - interval '1 hour', tandem_new_id(), 1)",
            {"lane": lane, "bucket": bucket},
        )
    marks = slow(house, Clock())
    for other in others:
        for _ in range(SLOW_CLAIMS):
            marks.swept(other, Lane.BULK, SLOW)

    def looked(known: Marks | None) -> dict[int, list[int] | None]:
        return {one.lane: one.buckets and sorted(one.buckets) for one in look(house.worker, ALL_BUCKETS[:8], known)}

    # Without a place of its own a bucket is asked from its beginning: both ways see the same.
    assert looked(marks) == looked(None) == {0: [0], 1: [0, 1, 2, 3], 2: [1], 3: [5]}
    at = datetime.now(UTC) - timedelta(seconds=30)
    marks.reached(house.tenant, Lane.NORMAL, [(0, at, UUID(int=0)), (1, at, UUID(int=0))])
    assert looked(marks) == {0: [0], 1: [2, 3], 2: [1], 3: [5]}
    file(house, 1, ago=timedelta(seconds=1))
    assert looked(marks) == {0: [0], 1: [1, 2, 3], 2: [1], 3: [5]}


def test_a_moment_that_is_over_is_due_now_and_not_behind_the_mark(house: FlowHouse) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for at, expected in ((datetime(2020, 1, 1, tzinfo=zone), "now"), (datetime(2090, 1, 1, tzinfo=zone), "then")):
        ctx = SimpleNamespace(zone="Asia/Shanghai")
        fragment = WaitMoment().fragment(MomentConfig(at=at), ctx)  # type: ignore[arg-type]
        with house.tx("worker") as tx:
            woken = tx.values(f"select {fragment.wake_at}", {**fragment.params, "now": tx.now})[0]
            assert woken == (tx.now if expected == "now" else at)


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
