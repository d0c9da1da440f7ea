"""Is the meaning right? Values worked out by hand; the property tests hold SQL to the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tandem.catalog import check, compile_python
from unit.catalog.sample import event_scope

NOW = datetime(2026, 6, 15, 17, 30, tzinfo=UTC)  # 01:30 on 16 June in Shanghai


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


RECORD: dict[str, Any] = {
    "customer": {
        "city": "上海",
        "name": None,
        "level": "gold",
        "spend": Decimal("12.50"),
        "points": 5,
        "birthday": date(2000, 2, 29),
        "joined_at": at("2026-06-01T00:00:00+00:00"),
        "subscribed": None,
        "channels": ["微信", "短信"],
    },
    "event": {
        "amount": 99.9,
        "store": 7,
        "first": True,
        "day": "2026-02-30",
        "paid_at": "2026-06-15T00:00:00+08:00",
        "items": ["a", 1, None],
    },
    "relations": {
        "orders": [
            {
                "amount": Decimal(10),
                "category": "奶粉",
                "paid_at": at("2026-06-10T00:00:00+00:00"),
                "quantity": 1,
                "gift": False,
            },
            {"amount": Decimal("0.01"), "category": "奶粉", "paid_at": at("2026-03-17T17:30:00+00:00"), "quantity": 2},
            {"amount": None, "category": "纸尿裤", "paid_at": at("2026-06-15T17:30:00+00:00"), "quantity": 3},
            {"amount": Decimal(5), "category": None, "paid_at": None},
        ],
        "visits": [],
    },
    "tags": {"奶粉偏好"},
    "segments": {"0190a000-0000-7000-8000-00000000000a"},
}


def value(text: str, zone: str = "Asia/Shanghai") -> Any:
    return compile_python(check(text, event_scope(), None), zone=zone)(RECORD, NOW)


@pytest.mark.parametrize(
    "text",
    [
        # A comparison with a missing value is false, and so is its opposite.
        "not (customer.name = 'x')",
        "not (customer.name != 'x')",
        "not (customer.name < 'x')",
        "not (customer.name in ['x'])",
        "not (customer.name not in ['x'])",
        "not (customer.name not in [])",
        "not (customer.name contains '')",
        "not customer.subscribed",
        "not (customer.subscribed = false)",
        "customer.name is missing",
        "customer.subscribed is missing",
        "(customer.spend + sum(visits.minutes where minutes > 1)) is not missing",
        "(customer.spend / 0) is missing",
        "avg(visits.minutes) is missing",
        "coalesce(customer.name, 'x') = 'x'",
        "if(customer.subscribed, 1, 2) = 2",
        # Exact decimals.
        "0.1 + 0.2 = 0.3",
        "5% = 0.05",
        "1 / 3 = 0.3333333333333333333333333333",
        "2 / 3 = 0.6666666666666666666666666667",
        "1 / 3 * 3 = 0.9999999999999999999999999999",
        "round(2.5, 0) = 3 and round(-2.5, 0) = -3 and round(1.005, 2) = 1.01",
        "graduated(250, [0: 10%, 100: 20%]) = 40",
        "bracket(100, [0: 10%, 100: 20%]) = 20%",
        "bracket(-1, [0: 10%]) is missing",
        "percent(1, 8) = 12.5",
        "min_of(3, 1, 2) = 1",
        "min_of(3, customer.points, sum(visits.minutes)) = 0",
        # Text by code point.
        "'Z' < 'a' and '一' > 'z'",
        "lower('ÀB') = 'Àb'",
        "length('😀') = 1",
        "customer.city starts with '上'",
        "concat('a', 'b') = 'ab'",
        # Days in the tenant's zone.
        "today() = date('2026-06-16')",
        "hour_of(now()) = 1",
        "weekday(now()) = 2",
        "age_years(customer.birthday) = 26",
        "days_since(customer.joined_at) = 15",
        "customer.joined_at < date('2026-06-02')",
        "customer.joined_at >= date('2026-06-01')",
        "add_months(date('2024-01-31'), 1) = date('2024-02-29')",
        "date('2026-01-01') + 7 days = date('2026-01-08')",
        "now() - customer.joined_at > 14 days",
        "age_weeks(date('2026-06-01')) = 2",
        # Related sets.
        "count(orders) = 4",
        "count(orders where category = '奶粉' and paid_at >= now() - 90 days) = 2",
        "count(orders in last 90 days) = 3",
        "count(orders in last 89 days) = 2",
        "count(orders.amount) = 3",
        "sum(orders.amount) = 15.01",
        "avg(orders.amount) = 5.003333333333333333333333333",
        "min(orders.amount) = 0.01",
        "last(orders.category) = '纸尿裤'",
        "first(orders.amount) = 0.01",
        "last(orders.amount) = 10",
        "most_frequent(orders.category) = '奶粉'",
        "exists(orders where not gift)",
        "sum(visits.minutes) = 0",
        "count(visits) = 0",
        "exists(orders where category = customer.level) = false",
        "has_tag('奶粉偏好')",
        "in_segment('0190a000-0000-7000-8000-00000000000a')",
        # An event's payload: another shape is missing, never an error.
        "event.amount = 99.9",
        "event.store is missing",
        "event.first",
        "event.day is missing",
        "event.items contains 'a'",
        "size(event.items) = 1",
        "date_of(event.paid_at) = date('2026-06-15')",
    ],
)
def test_holds(text: str) -> None:
    assert value(text) is True


def test_the_zone_is_the_tenants() -> None:
    assert value("today()") == date(2026, 6, 16)
    assert value("today()", "America/New_York") == date(2026, 6, 15)


def test_dates_stay_within_the_calendar() -> None:
    """A sentinel such as 9999-12-31 may be moved; it stays the latest."""
    run = compile_python(check("customer.birthday + 400 days > today()", event_scope()), zone="America/New_York")
    assert run({"customer": {"birthday": date(9999, 12, 31)}}, NOW) is True
