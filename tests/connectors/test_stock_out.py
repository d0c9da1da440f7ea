"""Numbers told to shops one at a time, whatever is killed, slow or not the shop's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.connectors import Story, simulated
from harness.database import Database
from tandem.connectors.kit import stock_out
from tandem.connectors.simulator.server import Simulation
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import bucket_of, new_id


@pytest.fixture(scope="module")
def story(module_database: Database) -> Iterator[Story]:
    with simulated(
        "kuaishou", module_database, Simulation(epoch=datetime.now(UTC) - timedelta(seconds=30), orders_before=1)
    ) as made:
        yield made


def item(story: Story, product: str) -> UUID:
    """A count that the shop's source told."""
    made = new_id()
    with story.door.database.connect() as owner:
        owner.execute(
            "insert into stock_level (tenant_id, source, product_id, place, bucket, id, quantity, counted_at) values (%s, 'shop', %s, '', %s, %s, 50, now())",
            (story.door.tenant, product, bucket_of(made), made),
        )
    return made


def push(story: Story, what: UUID, quantity: int, **more: Any) -> UUID:
    """What a flow files."""
    made = new_id()
    row = {
        "tenant_id": story.door.tenant,
        "id": made,
        "item_id": what,
        "quantity": quantity,
        "run_id": made,
        "block": "p",
        "visit": 1,
    } | more
    with story.door.database.connect() as owner:
        owner.execute(
            f"insert into stock_push ({', '.join(row)}) values ({', '.join('%s' for _ in row)})", tuple(row.values())
        )
    return made


def states(story: Story, what: UUID) -> list[tuple[int, str]]:
    return story.door.rows("select quantity, state from stock_push where item_id = %s order by created_at, id", what)


@contextmanager
def shop(do: Callable[[int], None]) -> Iterator[list[int]]:
    """A shop that takes every number; returns them as they came."""
    told: list[int] = []

    def take(_db: object, _found: object, one: Any, _send: object) -> None:
        told.append(one.quantity)
        do(one.quantity)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stock_out, "_set", take)
        yield told


def tell_due(story: Story) -> int:
    return stock_out.tell_due(story.door.db, story.door.tenant, send=story.wire)


def test_what_a_killed_worker_was_telling_is_not_told_after_a_later_number(story: Story) -> None:
    what, now = item(story, "1"), datetime.now(UTC)
    push(
        story, what, 12, state="asking", leased_until=now - timedelta(seconds=1), created_at=now - timedelta(minutes=3)
    )
    push(story, what, 7)
    with shop(lambda _: None) as told:
        tell_due(story)
        tell_due(story)
    assert (told, states(story, what)) == ([7], [(12, "overtaken"), (7, "done")])


def test_while_one_number_is_told_no_other_of_the_item_is(story: Story) -> None:
    """Neither by another worker nor by a person: the shop would have whichever came last."""
    what, other = item(story, "2"), item(story, "3")
    push(story, what, 12)

    def meanwhile(quantity: int) -> None:
        if quantity != 12:
            return
        push(story, what, 7)
        push(story, other, 5)
        assert tell_due(story) == 1
        with pytest.raises(Conflict, match="Another number"), story.door.tx("web") as tx:
            stock_out.file(tx, what, 3)

    with shop(meanwhile) as told:
        assert tell_due(story) == 1
        assert tell_due(story) == 1
    assert told == [12, 5, 7]


def test_who_was_too_slow_does_not_tell_what_another_took_over(story: Story) -> None:
    first, second = item(story, "4"), item(story, "5")
    push(story, first, 1, due_at=datetime.now(UTC) - timedelta(minutes=1))
    push(story, second, 2)

    def slow(quantity: int) -> None:
        if quantity == 1:
            with story.door.database.connect() as owner:
                owner.execute(
                    "update stock_push set leased_until = now() - interval '1 s' where item_id = %s", (second,)
                )
            push(story, second, 9)
            tell_due(story)

    with shop(slow) as told:
        tell_due(story)
    assert (told, states(story, second)) == ([1, 9], [(2, "overtaken"), (9, "done")])


def test_everything_that_was_told_is_found_page_by_page(story: Story) -> None:
    """The latest first, also where several were filed in one moment; what another item was told is not among it."""
    what, other, now = item(story, "6"), item(story, "7"), datetime.now(UTC) - timedelta(hours=1)
    for number in range(25):
        push(story, what, number, state="done", visit=number, created_at=now + timedelta(minutes=number // 4))
    push(story, other, 99, state="done")
    found: list[int] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        with story.door.tx("web") as tx:
            rows, cursor = stock_out.pushes(tx, what, cursor=cursor, limit=10)
        found += [one.quantity for one in rows]
        pages += 1
    assert (pages, sorted(found)) == (3, list(range(25)))
    assert [number // 4 for number in found] == sorted((number // 4 for number in found), reverse=True)


def test_an_item_that_is_none_of_the_shops_stops_no_other(story: Story) -> None:
    """Anybody may send a count under the shop's source; its number is none that the platform could read."""
    strange = item(story, "no-number")
    push(story, strange, 3, due_at=datetime.now(UTC) - timedelta(hours=1))
    assert tell_due(story) == 1
    assert states(story, strange) == [(3, "refused")]
