"""Is a misspelt field refused at its place, with the name that was probably meant?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tandem.domains.commerce.door import DOOR_KINDS as COMMERCE_KINDS
from tandem.domains.marketing.door import DOOR_KINDS as MARKETING_KINDS
from tandem.kernel.crypto import MasterKey
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.people_kinds import PEOPLE_KINDS
from tandem.stream.door.understand import Interpreter
from tandem.stream.door.wire import Item, Problem, parse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KINDS = (*PEOPLE_KINDS, *COMMERCE_KINDS, *MARKETING_KINDS)
WHO = [{"kind": "phone", "value": "13700000001"}]
AT = NOW.isoformat()


def _read(kind: str, payload: dict[str, Any]) -> object:
    master = MasterKey(bytes(32))
    keys = master.tenant_keys(master.new_tenant_key())
    item = Item(3, "shop", "r1", kind, NOW, 0, json.dumps(payload).encode())
    return Interpreter(DoorKinds(KINDS), keys, uuid4(), NOW).read(item)


@pytest.mark.parametrize(
    ("kind", "payload", "where", "meant"),
    [
        ("customer", {"identifiers": WHO, "birtday": "2020-01-01"}, "birtday", "did you mean birthday?"),
        ("customer", {"identifiers": [{**WHO[0], "scop": "x"}]}, "identifiers[0].scop", "did you mean scope?"),
        ("visit", {"identifiers": WHO, "store": "s1", "at": AT, "stores": 1}, "stores", "did you mean store?"),
        (
            "behaviour",
            {"identifiers": WHO, "name": "looked", "at": AT, "propertys": {}},
            "propertys",
            "did you mean properties?",
        ),
        ("visit", {"identifiers": WHO, "store": "s1", "at": AT, "zzz": 1}, "zzz", "known are at, identifiers, store"),
        (
            "order",
            {
                "order_id": "1",
                "status": "placed",
                "placed_at": AT,
                "total": 1,
                "lines": [{"line_no": 1, "product_id": "p", "quantity": 1, "amount": 1, "discont": 1}],
            },
            "lines[0].discont",
            "did you mean discount?",
        ),
    ],
)
def test_a_misspelt_field_is_refused_at_its_place(kind: str, payload: dict[str, Any], where: str, meant: str) -> None:
    found = _read(kind, payload)
    assert isinstance(found, Problem), found
    assert found.where == f"events[3].payload.{where}"
    assert meant in found.en
    assert "未知字段" in found.zh


def test_the_same_without_the_mistake_is_understood() -> None:
    for kind, payload in (
        ("customer", {"identifiers": WHO, "attrs": {"whatever": 1}}),
        ("visit", {"identifiers": WHO, "store": "s1", "at": AT}),
        ("behaviour", {"identifiers": WHO, "name": "looked", "at": AT, "properties": {"whatever": 1}}),
    ):
        assert not isinstance(_read(kind, payload), Problem)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_no_kind_ignores_what_it_does_not_know(kind: Any) -> None:
    assert kind.model.__struct_config__.forbid_unknown_fields


def test_a_misspelt_field_of_the_frame_is_refused_too() -> None:
    frame = {"source": "s", "external_id": "1", "kind": "visit", "time": AT, "payload": {}, "mod": "backfill"}
    problems = parse(json.dumps({"events": [frame]}).encode()).problems
    assert [(one.where, one.en) for one in problems] == [("events[0].mod", "unknown field mod; did you mean mode?")]


def test_a_value_that_is_not_allowed_is_told_with_those_that_are() -> None:
    order = {"order_id": "1", "identifiers": WHO, "status": "已付款", "placed_at": AT, "total": "1", "lines": []}
    found = _read("order", order)
    assert isinstance(found, Problem)
    assert found.where == "events[3].payload.status"
    assert found.zh == "不允许的值“已付款”，可用：cancelled、completed、paid、placed"
    assert found.en.endswith("allowed are cancelled, completed, paid, placed")
