"""Paths and mappings: what a payload means, said as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import SPELLING, Mapped, mapping_of, records_of
from tandem.stream.sources.paths import BadPath, parse_path, read, write

BODY: dict[str, Any] = {
    "shop": "S1",
    "orders": [
        {
            "tid": 17,
            "paid": 1_767_225_600,
            "state": "TRADE_PAID",
            "fee": 1234,
            "buyer": {"mobile": "13700000001"},
            "items": [{"sku": "p1", "n": 2, "fee": "12.34"}],
        },
        {"tid": 18, "paid": None, "state": "TRADE_PAID", "fee": 1, "buyer": {}, "items": []},
    ],
}
ORDERS: dict[str, Any] = {
    "each": "orders",
    "rules": [
        {
            "when": {"path": "state", "equals": ["TRADE_PAID"]},
            "kind": "order",
            "external_id": "tid",
            "time": {"path": "paid", "as": "seconds"},
            "fields": {
                "order_id": {"path": "tid", "as": "text"},
                "status": {"path": "state", "words": {"TRADE_PAID": "paid"}},
                "total": {"path": "fee", "as": "cents"},
                "store": {"path": "$.shop"},
                "identifiers[0].kind": {"value": "phone"},
                "identifiers[0].value": {"path": "buyer.mobile"},
                "lines": {"each": "items", "fields": {"product_id": {"path": "sku"}, "amount": {"path": "fee"}}},
            },
        }
    ],
}


def test_a_mapping_reads_records_and_names_what_it_cannot() -> None:
    sound, refused = records_of(mapping_of(ORDERS), BODY, "Asia/Shanghai")
    assert [(one.kind, one.external_id, one.time.isoformat() if one.time else None) for one in sound] == [
        ("order", "17", "2026-01-01T00:00:00+00:00")
    ]
    assert sound[0].payload == {
        "order_id": "17",
        "status": "paid",
        "total": "12.34",
        "store": "S1",
        "identifiers": [{"kind": "phone", "value": "+8613700000001"}],
        "lines": [{"product_id": "p1", "amount": "12.34"}],
    }
    assert [one.where for one in refused] == ["time"]


def test_an_identifier_without_a_value_is_left_out() -> None:
    body = {"orders": [{**BODY["orders"][0], "buyer": {}}]}
    sound, _ = records_of(mapping_of(ORDERS), body, "Asia/Shanghai")
    assert sound[0].payload["identifiers"] == []


def test_what_no_rule_fits_is_refused_or_skipped() -> None:
    body = {"orders": [{"state": "OTHER"}]}
    assert len(records_of(mapping_of(ORDERS), body, "UTC")[1]) == 1
    assert records_of(mapping_of({**ORDERS, "skip_others": True}), body, "UTC") == ([], [])


@pytest.mark.parametrize(
    ("as_", "given_", "wanted"),
    [
        ("text", 5, "5"),
        ("number", "1,234.50", "1234.50"),
        ("cents", "199", "1.99"),
        ("milliseconds", 1_767_225_600_000, "2026-01-01T00:00:00+00:00"),
        ("local_time", "2026-01-01 08:00:00", "2026-01-01T00:00:00+00:00"),
        ("time", "2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00+00:00"),
        ("date", "2026/01/02", "2026-01-02"),
        ("boolean", "1", True),
    ],
)
def test_values_are_cast(as_: str, given_: Any, wanted: Any) -> None:
    mapping = {"rules": [{"kind": "x", "fields": {"v": {"path": "v", "as": as_}}}]}
    sound, refused = records_of(mapping_of(mapping), {"v": given_}, "Asia/Shanghai")
    assert not refused
    assert sound[0].payload == {"v": wanted}


@pytest.mark.parametrize("as_", ["number", "cents", "time", "seconds", "milliseconds", "local_time", "date", "boolean"])
@pytest.mark.parametrize("value", ["nonsense", [1], {"a": 1}, "1e99999999", float("inf")])
def test_what_cannot_be_cast_is_refused_with_its_place(as_: str, value: Any) -> None:
    mapping = {"rules": [{"kind": "x", "fields": {"v": {"path": "v", "as": as_}}}]}
    sound, refused = records_of(mapping_of(mapping), {"v": value}, "Asia/Shanghai")
    assert not sound
    assert refused[0].where.startswith("v ")


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", ".a", "a b[0]]", "[", "a" * 301])
def test_a_broken_path_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        parse_path(path)
    with pytest.raises((Refused, msgspec.ValidationError)):
        mapping_of({"rules": [{"kind": "x", "fields": {"v": {"path": path}}}]})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", {"a": [{"b.c": 1}]}),
        ("$", {"a": [{"b.c": 1}]}),
        ('$.a[0]["b.c"]', 1),
        ('a[-1]["b.c"]', 1),
        ("a[1]", None),
        ("a.b", None),
    ],
)
def test_paths_are_read(path: str, found: Any) -> None:
    assert read({"a": [{"b.c": 1}]}, path) == found


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters='.[]"$', exclude_categories=("Cs",)), min_size=1, max_size=5
)


@given(st.lists(NAMES, min_size=1, max_size=5), st.integers())
def test_what_is_written_at_a_path_is_read_there(names: list[str], value: int) -> None:
    target: dict[str, Any] = {}
    write(target, ".".join(names), value)
    assert read(target, ".".join(names)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["orders", "tid", "paid", "state", "fee", "items", "buyer"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_body_breaks_a_mapping(body: Any) -> None:
    sound, refused = records_of(mapping_of(ORDERS), body, "Asia/Shanghai")
    assert all(isinstance(one, Mapped) for one in sound)
    assert all(isinstance(one, Refused) for one in refused)


MESSY = {
    "id": "7",
    "name": " 钱　一 ",
    "mobile": "１３７ １２１２ ０００１",
    "address": "广东省深圳市南山区科技园1号",
    "total": "￥1.2万",
}
TIDY_CUSTOMER = {
    "kind": "customer",
    "fields": {
        "identifiers[0].kind": {"value": "phone"},
        "identifiers[0].value": {"path": "mobile"},
        "name": {"path": "name"},
        "address": {"path": "address"},
    },
}
TIDY_ORDER = {
    "kind": "order",
    "when": {"path": "kind"},
    "fields": {
        "order_id": {"path": "id"},
        "total": {"path": "total"},
        "lines": {"each": "lines", "fields": {"quantity": {"path": "n"}}},
    },
}


def test_what_a_mapping_reads_is_spelt_as_files_are() -> None:
    mapping = {"rules": [TIDY_ORDER, TIDY_CUSTOMER]}
    ((one,), _) = records_of(mapping_of(mapping), MESSY, "Asia/Shanghai")
    assert one.payload == {
        "identifiers": [{"kind": "phone", "value": "+8613712120001"}], "name": "钱 一", "city": "深圳", "district": "南山区"
    }  # fmt: skip
    assert {change.where: change.after for change in one.changes} == {
        "identifiers[0].value": "+8613712120001", "name": "钱 一", "city": "深圳", "district": "南山区"
    }  # fmt: skip
    bought = {**MESSY, "kind": "o", "id": " 7 ", "lines": [{"n": "3件"}]}
    ((order,), _) = records_of(mapping_of(mapping), bought, "Asia/Shanghai")
    # A thing is called what it is called.
    assert order.payload == {"order_id": " 7 ", "total": "12000", "lines": [{"quantity": "3"}]}
    ((plain,), _) = records_of(mapping_of({**mapping, "cleaning": []}), MESSY, "Asia/Shanghai")
    assert (plain.payload["name"], plain.changes) == (" 钱　一 ", ())
    with pytest.raises(Refused):
        mapping_of({**mapping, "cleaning": ["once"]})


def test_the_screen_offers_every_rule_of_spelling() -> None:
    words = Path(__file__).resolve().parents[3] / "web" / "src" / "features" / "intake"
    for language in ("zh", "en"):
        assert tuple(json.loads((words / f"{language}.json").read_text("utf-8"))["cleaning"]) == SPELLING
