"""Columns are guessed by their names; cells become payloads or are refused with a reason."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tandem.kernel.errors import InvalidInput
from tandem.stream.imports.fields import check, guess
from tandem.stream.imports.records import BadCell, Reading, customer, group, order
from tandem.stream.imports.rows import Line

ZONE = ZoneInfo("Asia/Shanghai")


def strict() -> Reading:
    """Cells are read so that a bad one refuses its row."""
    return Reading(ZONE, date(2026, 11, 20), strict=True)


def test_columns_are_guessed_in_both_languages() -> None:
    assert guess("customer", ["会员 卡号", "客户姓名", "手机号码", "出生日期", "备注"]) == {
        "member_no": 0,
        "name": 1,
        "phone": 2,
        "birthday": 3,
    }
    assert guess("order", ["Order No", "Order Date", "SKU", "Qty", "Line amount", "Phone"]) == {
        "order_id": 0,
        "phone": 5,
        "placed_at": 1,
        "product_id": 2,
        "quantity": 3,
        "amount": 4,
    }


@pytest.mark.parametrize(
    ("kind", "mapping"),
    [
        ("customer", {}),
        ("customer", {"name": 0}),
        ("order", {"order_id": 0}),
        ("order", {"order_id": 0, "placed_at": 9}),
        ("customer", {"phone": 0, "shoe": 1}),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(kind: str, mapping: dict[str, int]) -> None:
    with pytest.raises(InvalidInput) as caught:
        check(kind, ["a", "b", "c"], mapping)
    assert caught.value.details


def test_a_customers_row() -> None:
    mapping = {"phone": 0, "name": 1, "gender": 2, "birthday": 3, "tags": 4}
    assert customer(
        mapping, Line(2, ["１３７１２３４５６８９", " 李丽 ", "女", "1990年5月1日", "新客；VIP, 老客"]), strict()
    ) == {
        "identifiers": [{"kind": "phone", "value": "13712345689"}],
        "name": "李丽",
        "gender": "female",
        "birthday": "1990-05-01",
        "tags": ["新客", "VIP", "老客"],
    }


ORDER = {"order_id": 0, "placed_at": 1, "status": 2, "product_id": 3, "amount": 4, "quantity": 5}


def test_an_orders_rows_become_one_payload_in_utc() -> None:
    lines = [
        Line(2, ["A1", "2026/11/20 13:45", "已付款", "p1", "¥1,200.50", "2"]),
        Line(3, ["A1", "2026/11/20 13:45", "已付款", "p2", "3", ""]),
    ]
    found: dict[str, Any] = order(ORDER, lines, strict())
    assert (found["placed_at"], found["status"], found["total"]) == ("2026-11-20T05:45:00+00:00", "paid", "1203.50")
    assert [line["line_no"] for line in found["lines"]] == [1, 2]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (["A1", "yesterday", "", "p", "1", "1"], "placed_at"),
        (["A1", "2026-13-40", "", "p", "1", "1"], "placed_at"),
        (["A1", "2026-01-01 25:00", "", "p", "1", "1"], "placed_at"),
        (["A1", "2026-01-01", "seen", "p", "1", "1"], "status"),
        (["A1", "2026-01-01", "", "p", "many", "1"], "amount"),
        (["A1", "2026-01-01", "", "p", "1", "NaN"], "quantity"),
    ],
)
def test_a_bad_cell_names_its_field(cells: list[str], field: str) -> None:
    with pytest.raises(BadCell) as caught:
        order(ORDER, [Line(2, cells)], strict())
    assert caught.value.field == field


def test_neighbours_of_one_order_stand_together() -> None:
    lines = [Line(number, [order_id]) for number, order_id in enumerate(["A", "A", "B", "C", "C"], 2)]
    assert [len(one) for one in group("order", {"order_id": 0}, lines)] == [2, 1, 2]
    assert [len(one) for one in group("customer", {"order_id": 0}, lines)] == [1] * 5
