"""What is written as if it were new turns out not to be: is everything as if it had been written with care?"""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.stream.apply_world import NOON, World
from harness.database import Database
from harness.door import Door, phone
from tandem.kernel import fresh
from tandem.kernel.ids import new_id
from tandem.stream.door import entities


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is tried as if nothing of it were there, however small it is and whatever came before."""
    monkeypatch.setattr(fresh, "WORTH_IT", 0)
    monkeypatch.setattr(fresh, "CAREFUL_FOR", 0)


@pytest.mark.usefixtures("eager")
def test_a_batch_with_a_duplicate_and_a_change_counts_them(door: Door) -> None:
    first, second = door.behaviour(phone(1)), door.behaviour(phone(2))
    assert door.send(first, second).accepted == 2
    changed = {**second, "payload": {**second["payload"], "name": "bought"}}
    answer = door.send(first, door.behaviour(phone(3)), changed)
    assert (answer.accepted, answer.duplicates, answer.updates) == (1, 1, 1)
    assert sorted(row[0] for row in door.rows("select version from intake_key")) == [1, 1, 2]
    assert len(door.inbox("behaviour.recorded")) == 3


@pytest.mark.usefixtures("eager")
def test_an_event_that_is_filed_again_is_applied_once(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    told = world.event(anna, at=NOON, event_id=new_id())
    world.file([told])
    assert len(world.apply().events) == 1
    other = world.event(anna, at=NOON)
    world.file([told, other])
    applied = world.apply()
    assert len(applied.events) == 1
    assert not applied.failures
    assert world.value("select count(*) from event where tenant_id = %s", world.tenant) == 2
    assert world.value("select count(*) from inbox where tenant_id = %s", world.tenant) == 0


def test_after_a_duplicate_batches_are_written_with_care_for_a_while(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "WORTH_IT", 0)
    monkeypatch.setattr(fresh, "CAREFUL_FOR", 2)
    tried: list[str] = []
    hint = fresh.Fresh()
    with door.tx() as tx:
        tx.execute("create temporary table once (id int primary key) on commit drop")
        for number in (1, 1, 2, 3, 4):

            def run(statement: str, number: int = number) -> list[int]:
                tried.append(statement)
                tx.execute(f"insert into once values (%(id)s) {statement}", {"id": number})
                return [number]

            hint.attempt(tx, run, "", "on conflict do nothing")
        assert tx.values("select id from once order by id") == [1, 2, 3, 4]
    careful = "on conflict do nothing"
    assert tried == ["", "", careful, careful, careful, ""]


def test_a_thing_that_another_door_made_meanwhile_is_found(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.send(door.order("o1", phone(1)))
    lock = entities.lock
    looks: list[int] = []

    def blind_once(tx: Any, wanted: Any) -> Any:
        """As if the other door had committed just after this one looked."""
        found = lock(tx, wanted)
        looks.append(len(found))
        if len(looks) > 1:
            return found
        return {
            key: entities.Entity(*key, one.subject_id, one.bucket, None, None, None, 0, [])
            for key, one in found.items()
        }

    monkeypatch.setattr(entities, "lock", blind_once)
    answer = door.send(door.order("o1", phone(1), version=2), door.order("o2", phone(1)))
    assert looks == [2, 2]
    assert answer.accepted == 2
    assert sorted(row[0] for row in door.rows("select version from entity_key")) == [1, 2]
    assert len(door.inbox("order.paid")) == 2
