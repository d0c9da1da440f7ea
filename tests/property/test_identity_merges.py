"""Random merges and undoings in any order: when all are undone, every history is exactly what it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.database import Database
from harness.door import Door, device, email, member, moment, phone
from harness.merging import Merging, picture
from tandem.kernel.ids import bucket_of

PEOPLE = 5

#: Fields of which the merged one's value is chosen.
CHOICES: tuple[tuple[str, ...], ...] = ((), ("city",), ("name", "gender"), ("attrs.size", "city", "name"))

#: ("merge", a, b), ("undo", which standing one), ("arrive", whose identifier) or ("doubt", whose phone, how often): small numbers, read
#: modulo what there is.
STEP = st.tuples(st.sampled_from(["merge", "merge", "undo", "arrive", "doubt"]), st.integers(0, 20), st.integers(0, 20))
STEPS = st.lists(STEP, max_size=10)
ORDER = st.permutations(range(20))


def make_people(door: Door, merging: Merging) -> list[UUID]:
    """Five people who share a device and a tag, each with orders, fields and identifiers of her own."""
    for number in range(PEOPLE):
        payload: dict[str, Any] = {
            "identifiers": [phone(number), member(number), device("shared")],
            "tags": ["vip", f"t{number}"],
            "name": f"某{number}",
        }
        payload |= {"city": "上海"} if number % 2 else {"gender": "female", "attrs": {"size": number}}
        door.send(door.record("customer", payload))
        door.send(
            door.order(f"A{number}", phone(number)),
            door.order(f"B{number}", member(number), status="completed", version=3),
        )
        door.send(
            door.record("refund", {"refund_id": f"F{number}", "order_id": f"A{number}", "amount": 1, "at": moment(5)})
        )
        door.send(
            door.record("visit", {"store": "s1", "identifiers": [phone(number)], "at": moment(3)}),
            door.behaviour(email(f"x{number}"), phone(number)),
        )
    merging.apply()
    return door.customers()


def play(merging: Merging, people: list[UUID], steps: list[tuple[str, int, int]]) -> list[int]:
    """Do the steps; returns by whose identifier events arrived."""
    arrived: list[int] = []
    for what, one, other in steps:
        if what == "merge" and one % PEOPLE != other % PEOPLE:
            chosen = CHOICES[(one + other) % len(CHOICES)]
            merging.file(people[one % PEOPLE], people[other % PEOPLE], forced=True, choices=chosen)
            assert set(merging.run()) <= {"done", "void"}
        elif what == "undo" and (standing := merging.standing()):
            assert merging.undo(standing[one % len(standing)]) == ["done"]
        elif what == "doubt" and one % PEOPLE != other % PEOPLE:
            # Somebody else's member number on her phone, again and again: first shared, then demoted.
            records = [merging.door.behaviour(phone(one % PEOPLE), member(f"x{one}-{n}")) for n in range(other % 8)]
            if records:
                merging.door.send(*records)
        elif what == "arrive":
            merging.door.send(merging.door.behaviour(member(one % PEOPLE)))
            arrived.append(one % PEOPLE)
            if other % 2:
                merging.apply()
    return arrived


def undo_all(merging: Merging, order: list[int]) -> None:
    for place in order:
        standing = merging.standing()
        if not standing:
            return
        assert merging.undo(standing[place % len(standing)]) == ["done"]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS, order=ORDER)
def test_undoing_everything_restores_everything(
    module_database: Database, steps: list[tuple[str, int, int]], order: list[int]
) -> None:
    door = Door(module_database)
    try:
        merging = Merging(door)
        people = make_people(door, merging)
        before = picture(door)
        play(merging, people, [step for step in steps if step[0] in {"merge", "undo"}])
        undo_all(merging, order)
        merging.apply()
        assert picture(door) == before
    finally:
        door.close()


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS, order=ORDER)
def test_what_arrives_meanwhile_goes_to_whose_identifier_it_came_by(
    module_database: Database, steps: list[tuple[str, int, int]], order: list[int]
) -> None:
    door = Door(module_database)
    try:
        merging = Merging(door)
        people = make_people(door, merging)
        arrived = play(merging, people, steps)
        undo_all(merging, order)
        merging.apply()
        rows = door.rows(
            """
            select customer_id, bucket, count(*) from event
            where tenant_id = %s and type = 'behaviour.recorded' and customer_id = any(%s) group by 1, 2
            """,
            door.tenant,
            people,
        )
        assert sorted(rows) == sorted(
            (one, bucket_of(one), 1 + arrived.count(number)) for number, one in enumerate(people)
        )
    finally:
        door.close()


def test_a_chain_is_undone_from_the_middle(database: Database) -> None:
    door = Door(database)
    merging = Merging(door)
    a, b, c, *_ = make_people(door, merging)
    before = picture(door)
    merging.file(b, c, forced=True)
    merging.file(a, b, forced=True)
    assert merging.run() == ["done", "done"]
    first, second = merging.standing()
    assert merging.undo(first) == ["done"]
    assert set(door.customers()) >= {a, c}
    assert {row[0] for row in door.rows("select distinct customer_id from sales_order where origin_id = %s", b)} == {a}
    assert merging.undo(second) == ["done"]
    merging.apply()
    assert picture(door) == before
    door.close()
