"""Does live membership always equal a full recompute, and do people leave exactly when due?"""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.stream.apply_world import NOON, World
from harness.database import Database
from tandem.kernel.db import observers
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.projection import BACKFILL, LIVE
from tandem.stream.segment import service
from tandem.stream.segment.audit import Difference, audit, audit_next
from tandem.stream.segment.fill import fill
from tandem.stream.segment.sweep import DUE_SQL, sweep_due

MILK = "count(orders where category = '奶粉' and paid_at >= now() - 90 days) >= 2 and count(orders in last 30 days) = 0"
RECENT = "count(orders in last 7 days) >= 1"


def make(world: World, name: str, text: str, *, filled: bool = True, kind: str = "live") -> UUID:
    with world.tx("web") as tx:
        made = service.create(tx, world.catalog, service.Draft(name=name, text=text, kind=kind))
    if filled:
        run_fill(world)
    return made.id


def run_fill(world: World) -> None:
    while True:
        with world.turn() as turn:
            if not fill(turn, world):
                return


def members(world: World, segment: UUID) -> set[UUID]:
    return {row[0] for row in world.rows("select customer_id from segment_member where segment_id = %s", segment)}


def differences(world: World, segment: UUID) -> list[Difference]:
    with world.turn() as turn:
        version = turn.tx.value("select version from segment where id = %(id)s", {"id": segment})
        return list(audit(turn, world.catalog, segment, version))


def sweep(world: World) -> int:
    with world.turn() as turn:
        return sweep_due(turn, world)


def next_due(world: World) -> object:
    with world.turn() as turn:
        return turn.tx.value(DUE_SQL, turn.params())


def events(world: World, kind: str) -> list[tuple[object, ...]]:
    return world.rows(
        "select customer_id, mode, cause_id is null, hops from inbox where type = %s order by occurred_at", kind
    )


def test_an_event_lets_a_customer_in_and_names_its_cause(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2)
    recent = make(world, "最近购买", RECENT)
    assert members(world, recent) == set()
    world.file([world.event(anna)])
    applied = world.apply()
    assert members(world, recent) == {anna}
    ((customer, mode, cause, root, hops, payload),) = world.rows(
        "select customer_id, mode, cause_id, root_id, hops, payload from inbox where type = 'segment.entered'"
    )
    event = applied.events[0]
    assert (customer, mode, cause, root, hops) == (anna, LIVE, event.event_id, event.event_id, 1)
    assert payload == {"segment_id": str(recent), "segment": "最近购买"}
    assert bela not in members(world, recent)


def test_somebody_leaves_at_the_very_moment_and_not_before(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    recent = make(world, "最近购买", RECENT)
    world.file([world.event(anna, at=NOON - timedelta(hours=1))])
    world.apply()
    last, tick = NOON + timedelta(days=7, hours=-1), timedelta(microseconds=1)
    assert next_due(world) in {last, last + tick}
    world.now = last - tick
    assert sweep(world) == 0
    world.now = last
    sweep(world)
    assert members(world, recent) == {anna}
    world.now = last + tick
    assert next_due(world) == world.now
    assert sweep(world) == 1
    assert members(world, recent) == set()
    assert events(world, "segment.left") == [(anna, LIVE, True, 0)]
    assert next_due(world) is None


def test_time_alone_lets_somebody_in(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    lapsed = make(world, "奶粉流失", MILK)
    for days in (40, 2):
        world.file([world.event(anna, at=NOON - timedelta(days=days), payload={"amount": "9", "category": "奶粉"})])
    world.apply()
    assert members(world, lapsed) == set()
    moments = []
    while (due := next_due(world)) is not None:
        world.now = due
        assert sweep(world) == 1
        moments.append((due - NOON, members(world, lapsed)))
    assert (timedelta(days=28, microseconds=1), {anna}) in moments
    assert moments[-1][1] == set()
    assert differences(world, lapsed) == []


def test_history_lets_in_but_starts_nothing(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2)
    recent = make(world, "最近购买", RECENT)
    world.file([world.event(anna, mode=BACKFILL), world.event(bela)])
    world.apply()
    assert members(world, recent) == {anna, bela}
    assert sorted(events(world, "segment.entered")) == sorted([(anna, BACKFILL, False, 1), (bela, LIVE, False, 1)])


def test_a_new_version_judges_everybody_and_starts_nothing(database: Database) -> None:
    world = World(database)
    customers = world.customers(30, city="上海")
    others = world.customers(5, city="杭州")
    city = make(world, "上海客户", "customer.city = '上海'")
    assert members(world, city) == set(customers)
    assert {mode for _, mode, _, _ in events(world, "segment.entered")} == {BACKFILL}
    with world.tx("web") as tx:
        service.change(tx, world.catalog, city, service.Change(text="customer.city = '杭州'"))
    # While the fill is under way, an event of somebody who belonged there all along starts nothing either.
    world.file([world.event(others[0], "customer.updated")])
    world.apply()
    assert {mode for _, mode, _, _ in events(world, "segment.entered")} == {BACKFILL}
    run_fill(world)
    assert members(world, city) == set(others)
    assert world.value("select count(*) from inbox where type = 'segment.left'") == 30
    with world.tx("web") as tx:
        line = service.get(tx, city)
    assert (line.version, line.status, line.count, line.seen) == (2, "ready", 5, 35)


def test_segments_that_do_not_read_an_event_are_left_alone(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1, city="上海")
    make(world, "上海客户", "customer.city = '上海'")
    with world.database.connect() as owner:
        owner.execute("update customer set city = '杭州'")
    world.file([world.event(anna)])
    world.apply()
    assert world.value("select count(*) from segment_member") == 1
    world.file([world.event(anna, "customer.updated")])
    world.apply()
    assert world.value("select count(*) from segment_member") == 0


def test_a_segment_inside_another_is_judged_first(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2, city="上海")
    recent = make(world, "最近购买", RECENT)
    both = make(world, "上海最近购买", f"in_segment('{recent}') and customer.city = '上海'")
    neither = make(world, "上海未购买", f"not in_segment('{recent}') and customer.city = '上海'")
    assert members(world, neither) == {anna, bela}
    world.file([world.event(anna)])
    world.apply()
    assert (members(world, both), members(world, neither)) == ({anna}, {bela})
    world.after(days=8)
    sweep(world)
    assert (members(world, both), members(world, neither)) == (set(), {anna, bela})


def test_a_circle_of_segments_is_refused(database: Database) -> None:
    world = World(database)
    first = make(world, "甲", "customer.city = '上海'")
    second = make(world, "乙", f"in_segment('{first}')")
    with world.tx("web") as tx, pytest.raises(service.InvalidInput) as refused:
        service.change(tx, world.catalog, first, service.Change(text=f"not in_segment('{second}')"))
    assert refused.value.code == "segment_circle"
    assert "本分群 → “乙” → 本分群" in refused.value.zh, "the chain is named"
    third = make(world, "丙", f"in_segment('{second}')")
    with world.tx("web") as tx, pytest.raises(service.InvalidInput, match="asks itself") as longer:
        service.change(tx, world.catalog, first, service.Change(text=f"in_segment('{third}')"))
    assert "this segment → “丙” → “乙” → this segment" in longer.value.en
    with world.tx("web") as tx, pytest.raises(service.InvalidInput, match="asks itself directly"):
        service.change(tx, world.catalog, first, service.Change(text=f"in_segment('{first}')"))
    with world.tx("web") as tx, pytest.raises(service.InvalidInput) as unknown:
        service.create(tx, world.catalog, service.Draft(name="丁", text=f"in_segment('{new_id()}')"))
    assert unknown.value.code == "segment_unknown"


def test_a_static_segment_stays_as_it_was(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1, city="上海")
    frozen = make(world, "名单", "customer.city = '上海'", kind="static")
    with world.database.connect() as owner:
        owner.execute("update customer set city = '杭州'")
    world.file([world.event(anna, "customer.updated")])
    world.apply()
    assert members(world, frozen) == {anna}
    assert bucket_of(anna) == anna.bytes[15]


def test_a_fill_goes_in_bounded_slices(database: Database) -> None:
    world = World(database)
    customers = set(world.customers(300, city="上海"))
    city = make(world, "上海客户", "customer.city = '上海'", filled=False)
    seen = []
    while True:
        with world.turn([3, 4, 5, 6]) as turn:
            count = fill(turn, world, limit=2)
            if not count:
                break
            seen.append(count)
    assert members(world, city) == {one for one in customers if bucket_of(one) in {3, 4, 5, 6}}
    run_fill(world)
    assert members(world, city) == customers


def test_many_new_segments_are_filled_together(database: Database) -> None:
    """What a fill costs follows from the customers, and from the segments by the sixty: 64 need two rounds over the buckets, not 64."""
    world = World(database)
    cities = ("上海", "杭州", "苏州") * 21
    for city in cities[:3]:
        world.customers(12, city=city)
    recent = make(world, "最近购买", RECENT)
    texts = [f"customer.city = '{city}'" for city in cities] + [f"not in_segment('{recent}')"]
    with world.tx("web") as tx:
        made = [
            service.create(tx, world.catalog, service.Draft(name=f"段{number}", text=text)).id
            for number, text in enumerate(texts)
        ]
    statements: list[str] = []
    turns = 0
    observers.append(lambda statement, _: statements.append(statement))
    try:
        while True:
            with world.turn() as turn:
                if not fill(turn, world):
                    break
            turns += 1
    finally:
        observers.pop()
    assert turns == 2 * 4
    # The few statements of a fill, what follows from the members it finds, and nothing a segment.
    assert len(statements) <= 16 * turns
    counted = dict(world.rows("select segment_id, count(*) from segment_member group by segment_id"))
    assert [counted[one] for one in made] == [12] * 63 + [36]
    assert {mode for _, mode, _, _ in events(world, "segment.entered")} == {BACKFILL}


def test_the_daily_audit_finds_a_difference_and_says_so(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2, city="上海")
    city = make(world, "上海客户", "customer.city = '上海'")
    world.settle()
    assert differences(world, city) == []
    with world.database.connect() as owner:
        owner.execute("delete from segment_member where customer_id = %s", (anna,))
        owner.execute("update customer set city = '杭州' where id = %s", (bela,))
    assert {(one.customer_id, one.is_member) for one in differences(world, city)} == {(anna, False), (bela, True)}
    with world.tx() as tx:
        assert audit_next(tx, world.catalog) is None
    world.after(days=1, seconds=1)
    with world.tx() as tx:
        assert audit_next(tx, world.catalog) == city
        assert audit_next(tx, world.catalog) is None
        line = service.get(tx, city)
    assert line.status == "failed"
    assert "2 customers who differ" in (line.problem or "")
    # Somebody about to be judged anyway is no difference.
    world.file([world.event(one, "customer.updated") for one in (anna, bela)])
    assert differences(world, city) == []
    world.settle()
    assert members(world, city) == {anna}
    world.after(days=1, seconds=1)
    with world.tx() as tx:
        audit_next(tx, world.catalog)
        assert service.get(tx, city).status == "ready"
