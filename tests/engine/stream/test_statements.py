"""Does every statement of the data path name the bucket wherever it touches rows that live in buckets? (ENGINE_RULES, ARCHITECTURE)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.door import Door, email, phone
from harness.merging import ALL_BUCKETS, Merging
from harness.statements import overheard, unnamed
from tandem.kernel.schema import Base, info_of
from tandem.kernel.turn import Turn
from tandem.stream.segment import service
from tandem.stream.segment.fill import fill
from tandem.stream.segment.sweep import sweep_due
from tandem.stream.tags.service import expire

TEXT = "count(orders where total >= 5 and paid_at >= now() - 30 days) >= 1 and has_tag('gold')"


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


def spread_tables() -> set[str]:
    return {name for name, table in Base.metadata.tables.items() if info_of(table)["kind"] in {"customer", "subject"}}


def walk(door: Door, merging: Merging) -> None:
    """Orders, behaviour, details, a merge and its undo, a segment that is filled, time passing."""
    door.send(
        door.record("customer", {"identifiers": [phone(1)], "name": "王芳", "city": "上海", "tags": ["gold"]}),
        door.order("o1", phone(1)),
        door.behaviour(email("anna")),
    )
    merging.apply()
    door.send(door.behaviour(phone(1), email("anna")), door.order("o1", phone(1), version=2))
    merging.run()
    merging.apply()
    merging.undo_all()
    merging.apply()
    with door.tx("worker") as tx:
        turn = Turn(tx, ALL_BUCKETS)
        while fill(turn, merging.system):
            pass
        sweep_due(turn, merging.system)
        expire(turn)


def test_every_statement_of_the_data_path_names_its_bucket(door: Door) -> None:
    merging = Merging(door)
    with door.tx("web") as tx:
        service.create(tx, merging.system.catalog, service.Draft(name="回头客", text=TEXT))
    with overheard() as seen:
        walk(door, merging)
    tables = spread_tables()
    assert len(seen) > 30
    wrong = {one.strip()[:400]: found for one in seen if (found := unnamed(one, tables))}
    assert wrong == {}
