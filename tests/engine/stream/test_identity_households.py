"""Through the door with a database: a household is not merged, a masked number needs a name and a place, rules are the tenant's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.database import Database
from harness.door import Door, device, phone
from harness.merging import Merging


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    one = Door(database)
    yield one
    one.close()


def account(number: int, platform: str = "tmall") -> dict[str, str]:
    return {"kind": "online_account", "value": f"buyer{number}", "scope": platform}


def masked(text: str) -> dict[str, str]:
    return {"kind": "phone", "value": text}


def said(door: Door, *identifiers: dict[str, str], **fields: Any) -> None:
    door.send(door.record("customer", {"identifiers": list(identifiers), **fields}))


def rules(door: Door, **chosen: Any) -> None:
    with door.database.connect() as owner:
        owner.execute(
            "insert into identity_rules (tenant_id, rules, updated_at) values (%s, %s::jsonb, %s)",
            (door.tenant, json.dumps(chosen), datetime.now(UTC)),
        )


def test_a_household_that_shares_a_phone_stays_two_and_a_person_is_asked(door: Door) -> None:
    said(door, account(1), phone(1), name="王伟")
    said(door, account(2), phone(1), name="李丽")
    said(door, account(3), phone(1), name="李丽")
    said(door, account(4), phone(1), name="momo")
    assert len(door.customers()) >= 3
    reasons = door.rows("select reason, evidence->>'joined_by' from merge_review where tenant_id = %s", door.tenant)
    assert ("surname", "phone") in reasons
    assert ("shared", "phone") in reasons
    assert door.value("select count(*) from merge_command where tenant_id = %s", door.tenant) == 0
    assert door.value("select degree from identifier where kind = 'phone'") >= 1


def test_what_was_said_in_an_earlier_call_still_speaks_before_it_is_applied(door: Door) -> None:
    said(door, account(1), phone(1), name="王伟")
    assert door.value("select name_hash from customer") is None
    said(door, account(2), phone(1), name="李丽")
    assert len(door.customers()) == 2


def test_a_list_by_phone_alone_holds_both_of_a_household(door: Door) -> None:
    said(door, phone(1), name="王伟")
    said(door, phone(1), name="李丽")
    said(door, phone(1), name="李丽")
    door.send(door.behaviour(phone(1)))
    assert len(door.customers()) == 2


def test_a_masked_number_counts_with_surname_and_city_only(door: Door) -> None:
    said(door, account(1), phone(1), name="王伟", city="杭州市")
    said(door, account(2, "jd"), masked("137****0001"), name="王伟", city="杭州")
    assert len(door.customers()) == 1
    said(door, account(3, "pdd"), masked("137****0001"), name="momo", city="杭州")
    said(door, account(4, "pdd"), masked("137****0001"), name="王伟")
    said(door, account(5, "pdd"), masked("137****0001"), name="李伟", city="杭州")
    assert len(door.customers()) == 4
    kinds = door.rows("select distinct kind, last4 from customer_identifier where kind like 'masked%%' order by 1")
    assert kinds == [("masked_phone", "0001")]


def test_encrypted_buyers_of_two_shops_are_two(door: Door) -> None:
    one = {"kind": "encrypted_id", "value": "A1b2=="}
    said(door, one, name="x")
    door.send(door.record("customer", {"identifiers": [one]}, source="another shop"))
    said(door, {**one, "scope": "shop"})
    assert len(door.customers()) == 2


def test_a_device_joins_only_with_the_same_full_name(door: Door) -> None:
    said(door, account(1), device("d"), name="王伟")
    said(door, account(2), device("d"), name="王伟")
    said(door, account(3), device("d"), name="李丽")
    said(door, account(4), device("d"))
    assert len(door.customers()) == 3


def test_a_kind_that_a_tenant_took_the_power_from_is_evidence_only(door: Door) -> None:
    rules(door, weak=["phone"])
    said(door, account(1), phone(1))
    said(door, account(2), phone(1))
    assert len(door.customers()) == 2
    assert door.rows("select distinct rule from customer_identifier where kind = 'phone'") == [("weak",)]


def test_a_filed_merge_is_asked_again_with_what_was_said_meanwhile(door: Door) -> None:
    merging = Merging(door)
    said(door, account(1), phone(1))
    said(door, account(2), phone(2))
    said(door, account(1), phone(2))
    said(door, account(1), name="王伟")
    said(door, account(2), name="李丽")
    assert merging.run() == ["refused"]
    assert door.rows("select reason from merge_review") == [("surname",)]


def test_a_merge_and_its_undo_point_what_was_said_as_well(door: Door) -> None:
    merging = Merging(door)
    said(door, account(1), name="王伟")
    said(door, account(2), name="李丽")
    merging.apply()
    one, other = door.customers()
    merging.file(one, other, forced=True)
    assert merging.run() == ["done"]
    pointed = "select distinct customer_id from identity_portrait order by 1"
    assert door.rows(pointed) == [(one,)]
    merging.undo_all()
    assert door.rows(pointed) == [(one,), (other,)]


def test_two_who_were_kept_apart_are_not_merged_by_an_identifier(door: Door) -> None:
    merging = Merging(door)
    said(door, account(1), phone(1))
    said(door, account(2), phone(2))
    one, other = door.customers()
    with door.database.connect() as owner:
        owner.execute(
            "insert into merge_review (tenant_id, a_id, b_id, reason, filed_at, status) values (%s, %s, %s, 'name', now(), 'kept_apart')",
            (door.tenant, one, other),
        )
    said(door, account(1), phone(2))
    assert merging.run() == ["refused"]
    assert len(door.customers()) == 2
