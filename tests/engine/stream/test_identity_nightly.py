"""The nightly comparison: proposes what identifiers cannot see, with evidence; decided pairs are not proposed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door, device
from harness.merging import Merging
from tandem.stream.identity import likeness, nightly, service

pytestmark = pytest.mark.skipif(not likeness.is_installed(), reason="needs the identity extra (splink)")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    one = Door(database)
    yield one
    one.close()


PLACE = {"city": "杭州", "district": "西湖"}


def account(number: int) -> dict[str, str]:
    return {"kind": "online_account", "value": f"buyer{number}", "scope": f"p{number}"}


def populate(door: Door) -> None:
    """Two accounts of one person, two of a household, and a hundred others."""
    said: list[dict[str, Any]] = [
        {"identifiers": [account(1)], "name": "欧阳娜娜", "gender": "female", "birthday": "1991-06-15", **PLACE},
        {"identifiers": [account(2)], "name": "欧阳娜娜", "gender": "female", "birthday": "1991-06-15", **PLACE},
        {"identifiers": [account(3), device("tablet")], "name": "赵一", "gender": "male", **PLACE},
        {"identifiers": [account(4), device("tablet")], "gender": "male", **PLACE},
    ]
    given = "伟芳娜敏静丽强磊军洋"
    said += [
        {
            "identifiers": [account(10 + n)],
            "name": f"王{given[n // 10]}{given[n % 10]}",
            "city": f"城{n % 7}",
            "district": f"区{n % 9}",
        }
        for n in range(100)
    ]
    for start in range(0, len(said), 50):
        door.send(*(door.record("customer", one) for one in said[start : start + 50]))
    Merging(door).apply()


def rerun(door: Door) -> int:
    with door.database.connect() as owner:
        owner.execute("update identity_model set started_at = null")
    return nightly.compare(door.db, door.tenant)


def test_alike_pairs_are_laid_before_a_person_with_evidence_once(door: Door) -> None:
    populate(door)
    assert nightly.compare(door.db, door.tenant) >= 1
    rows = door.rows(
        "select reason, pattern, evidence from merge_review order by (evidence->>'probability')::float desc"
    )
    reason, pattern, evidence = rows[0]
    assert reason == "likely"
    assert pattern.startswith("likely name=same place=same_district")
    assert evidence["probability"] > 0.9
    assert {column for column, _, bits in evidence["levels"] if bits > 0} >= {"name", "place", "birthday"}
    assert len(door.customers()) == 104
    with door.database.connect() as owner:
        owner.execute("update merge_review set status = 'kept_apart'")
    assert rerun(door) == 0
    assert door.value("select count(*) from identity_model where scored_at is not null and customers = 104") == 1


def test_another_worker_at_it_is_left_alone(door: Door) -> None:
    populate(door)
    # In a process of its own, as the job does it.
    assert nightly.compare_apart(door.db, door.tenant) >= 1
    with door.database.connect() as owner:
        owner.execute("update identity_model set scored_at = null")
    assert nightly.compare(door.db, door.tenant) == 0


def test_a_tenant_large_enough_merges_without_asking_what_a_household_cannot_share(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate(door)
    monkeypatch.setattr(nightly, "MERGED_FROM", 104)
    nightly.compare(door.db, door.tenant)
    assert Merging(door).run() == ["done"]
    merge = door.value("select id from customer_merge")
    assert door.rows("select reason, evidence->>'kind' from customer_merge") == [("likely", "likely")]
    written = door.rows("select action, after from audit_entry where action = 'customer.merged'")
    assert written == [("customer.merged", {"pairs": 1})]
    household = door.rows("select pattern from merge_review where status = 'open'")
    assert all("name=same place=same_district" not in pattern for (pattern,) in household)
    # Taken back, the pair is two people from then on.
    with door.db.tx("web", tenant=door.tenant) as tx:
        service.file_undo(tx, merge)
    assert Merging(door).run() == ["done"]
    assert len(door.customers()) == 104
    rerun(door)
    assert Merging(door).run() == []


def test_a_tenant_may_want_to_be_asked_about_every_pair(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    populate(door)
    monkeypatch.setattr(nightly, "MERGED_FROM", 104)
    with door.database.connect() as owner:
        owner.execute(
            "insert into identity_rules (tenant_id, rules, updated_at) values (%s, %s::jsonb, now())",
            (door.tenant, json.dumps({"merge_above": None})),
        )
    assert nightly.compare(door.db, door.tenant) >= 1
    assert door.value("select count(*) from merge_command") == 0


def test_tenants_whose_night_has_not_come_are_left(door: Door) -> None:
    waiting = "select count(*) from identity_uncompared_tenants() where tenant_id = %s"
    assert nightly.compare(door.db, door.tenant) == 0
    assert door.value(waiting, door.tenant) == 1
    populate(door)
    nightly.compare(door.db, door.tenant)
    assert door.rows("select model, trained_at from identity_model") == [(None, None)]
    assert door.value(waiting, door.tenant) == 0


def test_no_process_is_begun_for_one_alone(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[UUID] = []
    monkeypatch.setattr(nightly, "compare_apart", lambda _db, tenant: begun.append(tenant) or 0)
    nightly.run(door.db)
    assert begun == []
    populate(door)
    nightly.run(door.db)
    assert begun == [door.tenant]


def test_what_may_join_without_asking() -> None:
    def pair(**levels: str) -> likeness.Likeness:

        return likeness.Likeness(UUID(int=1), UUID(int=2), 0.99, [(name, level, 1.0) for name, level in levels.items()])

    assert pair(name="same", place="different").may_join
    assert not pair(name="same_surname", place="same_district", mask="same").may_join
    assert pair(place="same_district", mask="same").may_join
    assert not pair(place="same_district", mask="same", device="different").may_join
    assert not pair(place="same_district", device="same").may_join
