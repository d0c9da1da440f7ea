"""Fields chosen at a merge, and decisions that follow merges: both come back whole with an undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door, member, phone
from harness.merging import Merging
from tandem.stream.profile import provenance
from tandem.stream.profile.priority import Priority


@pytest.fixture
def merging(database: Database) -> Iterator[Merging]:
    door = Door(database)
    yield Merging(door)
    door.close()


def people(merging: Merging, *given: dict[str, Any]) -> list[UUID]:
    for number, fields in enumerate(given):
        merging.door.send(merging.door.record("customer", {"identifiers": [phone(number)], **fields}))
    merging.apply()
    return merging.door.customers()


def shown(merging: Merging, customer: UUID) -> tuple[Any, ...]:
    return merging.door.rows(
        "select name_hash, city, gender, birthday, borrowed from customer where id = %s", customer
    )[0]


def merge(merging: Merging, survivor: UUID, loser: UUID, *choices: str) -> UUID:
    merging.file(survivor, loser, forced=True, choices=choices)
    assert merging.run() == ["done"]
    return merging.standing()[-1]


def test_a_chosen_value_stands_before_her_own_and_goes_with_the_undo(merging: Merging) -> None:
    a, b = people(
        merging,
        {"name": "王伟", "city": "上海", "birthday": "1985-05-05"},
        {"name": "王小伟", "city": "杭州", "gender": "male"},
    )
    before = shown(merging, a), shown(merging, b)
    one = merge(merging, a, b, "name", "city")
    after = shown(merging, a)
    assert after[0] == before[1][0]
    assert after[1:4] == ("杭州", "male", before[0][3])
    assert merging.undo(one) == ["done"]
    assert (shown(merging, a), shown(merging, b)) == before


def test_what_she_says_herself_later_is_newer_than_the_choice(merging: Merging) -> None:
    a, b, c = people(merging, {"city": "上海"}, {"city": "杭州"}, {"gender": "male"})
    one = merge(merging, a, b, "city")
    merging.door.send(merging.door.record("customer", {"identifiers": [phone(0)], "city": "苏州"}))
    merging.apply()
    other = merge(merging, a, c)
    assert shown(merging, a)[1] == "苏州"
    assert merging.undo(one) == ["done"]
    assert merging.undo(other) == ["done"]
    assert [shown(merging, who)[1] for who in (a, b, c)] == ["苏州", "杭州", None]


def test_choices_of_a_chain_come_back_in_any_order(merging: Merging) -> None:
    a, b, c = people(merging, {"city": "上海"}, {"city": "杭州"}, {"city": "苏州"})
    first = merge(merging, b, c, "city")
    assert shown(merging, b)[1] == "苏州"
    second = merge(merging, a, b, "city")
    assert shown(merging, a)[1] == "苏州"
    assert merging.undo(first) == ["done"]
    assert shown(merging, a)[1] == "杭州"
    assert merging.undo(second) == ["done"]
    assert [shown(merging, who)[1] for who in (a, b, c)] == ["上海", "杭州", "苏州"]
    assert [shown(merging, who)[4] for who in (a, b, c)] == [{}, {}, {}]


def review(merging: Merging, one: UUID, other: UUID, status: str) -> None:
    with merging.door.database.connect() as owner:
        owner.execute(
            "insert into merge_review (tenant_id, a_id, b_id, reason, filed_at, status) values (%s, %s, %s, 'name', now(), %s)",
            (merging.door.tenant, min(one, other), max(one, other), status),
        )


def reviews(merging: Merging) -> set[tuple[UUID, UUID, str]]:
    return set(merging.door.rows("select a_id, b_id, status from merge_review"))


def test_two_who_were_kept_apart_stay_two_under_another_id(merging: Merging) -> None:
    a, b, c = people(merging, {}, {}, {})
    review(merging, b, c, "kept_apart")
    review(merging, a, c, "open")
    one = merge(merging, a, b)
    assert reviews(merging) == {(b, c, "kept_apart"), (a, c, "open")}
    assert merging.undo(one) == ["done"]
    with merging.door.database.connect() as owner:
        owner.execute("delete from merge_review where status = 'open'")
    one = merge(merging, a, b)
    assert reviews(merging) == {(b, c, "kept_apart"), (a, c, "kept_apart")}
    merging.file(a, c)
    assert merging.run() == ["refused"]
    assert merging.undo(one) == ["done"]
    assert reviews(merging) == {(b, c, "kept_apart")}


def test_a_member_number_demoted_after_the_merge_does_not_hinder_the_undo(merging: Merging) -> None:
    a, b = people(merging, {}, {})
    one = merge(merging, a, b)
    door = merging.door
    for number in range(8):
        door.send(door.behaviour(phone(1), member(number)))
    assert door.value("select bool_or(demoted) from identifier where kind = 'phone'")
    merging.apply()
    assert merging.undo(one) == ["done"]
    assert door.value("select customer_id from identifier where kind = 'phone' and demoted") == b


def said(merging: Merging) -> list[tuple[Any, ...]]:
    return merging.door.rows(
        "select customer_id, origin_id, field, source, value, holds from customer_field where field in ('city', 'division', 'name') "
        "order by origin_id, field, source"
    )


def test_what_was_said_of_two_people_stands_side_by_side_and_parts_again(merging: Merging) -> None:
    a, b = people(merging, {"name": "王伟", "city": "上海"}, {"name": "王小伟", "city": "杭州"})
    before = said(merging)
    one = merge(merging, a, b)
    assert [row[0] for row in said(merging)] == [a] * 6
    with merging.door.tx("web") as tx:
        words = provenance.words(tx, a, Priority())
    told = [(word.field, word.value, word.holds, word.other_person) for word in words]
    assert told == [
        ("city", "上海", True, False),
        ("city", "杭州", False, True),
        ("division", "310000", True, False),
        ("division", "330100", False, True),
        ("name", "王伟", True, False),
        ("name", "王小伟", False, True),
    ]
    assert merging.undo(one) == ["done"]
    assert said(merging) == before


def test_a_word_that_comes_after_the_merge_goes_with_the_one_it_was_said_of(merging: Merging) -> None:
    a, b = people(merging, {"name": "王伟", "city": "上海"}, {"name": "王小伟", "city": "杭州"})
    one = merge(merging, a, b)
    merging.door.send(merging.door.record("customer", {"identifiers": [phone(1)], "name": "王小明"}))
    merging.apply()
    assert merging.undo(one) == ["done"]
    with merging.door.tx("web") as tx:
        words = provenance.words(tx, b, Priority())
    assert [word.value for word in words if word.field == "name"] == ["王小明"]
