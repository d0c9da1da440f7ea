"""Eight doors meet on the same identifiers: no orphan, no deadlock, the same people as one door would have found."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.database import Database
from harness.door import Door, email, phone
from harness.merging import Merging
from tandem.stream.identity.identifiers import canonical
from tandem.stream.keys import tenant_keys

PEOPLE = 40
DOORS = 8
RECORDS = 480
Identifier = dict[str, str]


def people(chance: random.Random) -> list[list[Identifier]]:
    """Each with two phones, two addresses, two accounts; one in five shares a phone with the next."""
    found: list[list[Identifier]] = []
    for number in range(PEOPLE):
        mine = [phone(2 * number), phone(2 * number + 1), email(f"a{number}"), email(f"b{number}")]
        mine += [{"kind": "online_account", "value": f"acc-{number}-{one}", "scope": "mall"} for one in range(2)]
        if chance.random() < 0.2:
            mine.append(phone(2 * ((number + 1) % PEOPLE)))
        found.append(mine)
    return found


def drawn(chance: random.Random, everybody: Sequence[list[Identifier]]) -> list[list[Identifier]]:
    return [chance.sample(chance.choice(everybody), chance.randint(1, 3)) for _ in range(RECORDS)]


def expected(records: Sequence[list[Identifier]]) -> set[frozenset[str]]:
    """Connected components of what was named together."""
    group: dict[str, set[str]] = {}
    for record in records:
        joined = {label(one) for one in record}
        for one in list(joined):
            joined |= group.get(one, set())
        for one in joined:
            group[one] = joined
    return {frozenset(one) for one in group.values()}


def label(one: Identifier) -> str:
    return f"{one['kind']}:{one['value']}"


def found(door: Door, records: Sequence[list[Identifier]]) -> set[frozenset[str]]:
    """Who the database says belongs together."""
    owners = {
        bytes(value_hash): customer
        for value_hash, customer in door.rows("select value_hash, customer_id from identifier")
    }
    with door.tx() as tx:
        keys = tenant_keys(tx)
    named: dict[Any, set[str]] = {}
    for one in {label(one): one for record in records for one in record}.values():
        value = canonical(one["kind"], one["value"])
        assert value is not None
        named.setdefault(owners[keys.blind(one["kind"], one.get("scope", ""), value)], set()).add(label(one))
    return {frozenset(one) for one in named.values()}


def check_whole(door: Door) -> None:
    assert (
        door.value(
            "select count(*) from customer c where merged_into is null and not exists (select 1 from identifier i where i.customer_id = c.id)"
        )
        == 0
    )
    assert (
        door.value(
            "select count(*) from identifier i where not exists (select 1 from customer c where c.id = i.customer_id and c.merged_into is null)"
        )
        == 0
    )
    assert door.value("select count(*) from identifier i where bucket <> tandem_bucket(customer_id)") == 0
    assert (
        door.value(
            "select count(*) from inbox i where not exists (select 1 from customer c where c.id = i.customer_id)"
        )
        == 0
    )


@pytest.mark.fault
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_eight_doors_find_the_people_that_one_door_finds(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    records = drawn(chance, people(chance))
    door = Door(database)
    merging = Merging(door)
    stop = threading.Event()

    def one_door(number: int) -> int:
        own = records[number::DOORS]
        random.Random(seed * 100 + number).shuffle(own)
        sent = 0
        for start in range(0, len(own), 6):
            batch = [
                {**door.behaviour(*one), "external_id": f"d{number}-{start}-{place}"}
                for place, one in enumerate(own[start : start + 6])
            ]
            sent += door.send(*batch).accepted
        return sent

    def merge_meanwhile() -> None:
        while not stop.is_set():
            merging.run()
            stop.wait(0.01)

    try:
        with ThreadPoolExecutor(DOORS + 1) as pool:
            merger = pool.submit(merge_meanwhile)
            sent = sum(pool.map(one_door, range(DOORS)))
            stop.set()
            merger.result()
        merging.run()
        merging.apply()
        assert sent == RECORDS
        assert door.value("select count(*) from event where type = 'behaviour.recorded'") == RECORDS
        assert found(door, records) == expected(records)
        check_whole(door)
        living = door.value("select count(distinct customer_id) from event where type = 'behaviour.recorded'")
        assert living == len(expected(records))
    finally:
        stop.set()
        door.close()


def test_one_door_finds_the_same_whatever_the_order(database: Database) -> None:
    chance = random.Random(7)
    records = drawn(chance, people(chance))
    door = Door(database)
    merging = Merging(door)
    for start in range(0, RECORDS, 100):
        door.send(*(door.behaviour(*one) for one in records[start : start + 100]))
    merging.run()
    assert found(door, records) == expected(records)
    check_whole(door)
    door.close()
