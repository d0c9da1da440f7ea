"""Is what nothing reacts to logged just as it would have been a turn later, and everything else filed?"""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.stream.apply_world import NOON, World
from engine.stream.test_segments import RECENT, make, members
from harness.database import Database
from tandem.kernel.ids import new_id
from tandem.stream.segment import live

NOBODY: frozenset[str] = frozenset()


def waiting(world: World) -> list[str]:
    return sorted(row[0] for row in world.rows("select type from inbox where tenant_id = %s", world.tenant))


def logged(world: World) -> list[tuple[object, ...]]:
    return world.rows(
        """
        select e.type, e.customer_id, e.bucket, e.mode, e.lane, e.hops, c.type, r.type, e.payload - 'segment_id'
        from event e left join event c on c.event_id = e.cause_id left join event r on r.event_id = e.root_id
        where e.tenant_id = %s order by e.type, e.customer_id
        """,
        world.tenant,
    )


def subscribe(world: World, *types: str) -> None:
    with world.database.connect() as owner:
        owner.execute(
            """
            insert into webhook (tenant_id, id, name, url, event_types, filter, include_personal, status, key_enc, secret_enc, created_at,
                                 updated_at)
            values (%s, %s, 'w', 'https://example.invalid/', %s, '', false, 'active', ''::bytea, ''::bytea, now(), now())
            """,
            (world.tenant, new_id(), list(types)),
        )


def one_entry(database: Database, listens: frozenset[str] | None, *types: str) -> World:
    """A world in which one customer has just entered a segment."""
    world = World(database)
    (anna,) = world.customers(1)
    recent = make(world, "最近购买", RECENT)
    if types:
        subscribe(world, *types)
    world.file([world.event(anna)])
    world.apply(listens=listens)
    assert members(world, recent) == {anna}
    return world


def test_what_nobody_hears_is_logged_at_once(database: Database) -> None:
    world = one_entry(database, NOBODY)
    assert waiting(world) == []
    assert [row[0] for row in logged(world)] == ["order.paid", "segment.entered"]


@pytest.mark.parametrize(
    ("listens", "webhook"),
    [(None, ()), (frozenset({"segment.entered"}), ()), (NOBODY, ("segment.entered",)), (NOBODY, ("*",))],
)
def test_what_somebody_hears_waits_for_a_turn_of_its_own(
    database: Database, listens: frozenset[str] | None, webhook: tuple[str, ...]
) -> None:
    world = one_entry(database, listens, *webhook)
    assert waiting(world) == ["segment.entered"]
    assert [row[0] for row in logged(world)] == ["order.paid"]


def test_the_log_is_the_same_either_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[UUID] = []
    logs: list[list[tuple[object, ...]]] = []
    for listens, many in ((None, 20), (NOBODY, 20), (NOBODY, 1)):
        # From so many customers on, the judgement logs its changes itself.
        monkeypatch.setattr(live, "MANY", many)
        world = World(database)
        people = world.customers(6)
        make(world, "最近购买", RECENT)
        make(world, "两次", "count(orders in last 30 days) >= 2")
        for step, anna in enumerate(people):
            world.file(
                [world.event(anna, at=NOON - timedelta(hours=step)), world.event(anna, at=NOON - timedelta(days=step))]
            )
        world.settle(limit=3, listens=listens)
        ids += people
        names = {str(one): number for number, one in enumerate(people)}
        logs.append(sorted((row[0], names[str(row[1])], *row[3:8], str(row[8])) for row in logged(world)))
        days = world.rows(
            "select sum(entered)::int, sum(left_n)::int from segment_day where tenant_id = %s", world.tenant
        )
        logs[-1].append(("counted", *days))
    assert logs[0] == logs[1] == logs[2]
    assert any(row[0] == "segment.entered" for row in logs[0])
