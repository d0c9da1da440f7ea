"""Is the meaning right? Values worked out by hand; the property tests hold SQL to the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tandem.catalog import check, compile_python
from unit.catalog.rows import AREAS
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
    "areas": {"geofence": AREAS},
    "lookups": {
        "market_price": lambda _, region: {"华东": Decimal("8.80")}.get(region),
        "protected_regions": lambda _: ("上海",),
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
        # A tier's lower bound belongs to it, its upper one to the next.
        "volume(99.99, [0: 10%, 100: 20%]) = 9.999 and volume(100, [0: 10%, 100: 20%]) = 20",
        "graduated(100, [0 to 100: 10%, 100: 20%]) = 10 and graduated(100.01, [0: 10%, 100: 20%]) = 10.002",
        "graduated(500, [100 to 200: 10%]) = 10 and volume(200, [100 to 200: 10%]) is missing",
        "graduated(-5, [0: 10%]) = 0 and volume(-5, [0: 10%]) is missing",
        "percent(1, 8) = 12.5",
        "min_of(3, 1, 2) = 1",
        "min_of(3, customer.points, sum(visits.minutes)) = 0",
        # Text by code point.
        "'Z' < 'a' and '一' > 'z'",
        "lower('ÀB') = 'Àb'",
        "length('😀') = 1",
        "customer.city starts with '上'",
        "concat('a', 'b') = 'ab'",
        "length('上海😀') = 3 and left('上海浦东', 2) = '上海' and right('上海浦东', 0) = '' and right('浦东', 9) = '浦东'",
        "half_width('ＶＩＰ　１２３！') = 'VIP 123!' and fold('ＶｉＰ') = 'vip'",
        "mentions('尊贵的ＶＩＰ客户', 'vip') and not mentions('贵宾', 'vip')",
        "trim('　上海 ') = '上海'",
        "initials('上海Ａ1') = 'shＡ1' and initials('奶粉') = 'nf'",
        # Divisions, points, reference tables.
        "in_region('310101', '310000') and in_region('310101', '310100') and not in_region('310000', '310101')",
        "not in_region('320101', '310000') and in_region('429004', '429004')",
        "within(point(2, 1), 'geofence:east') and within(point(0, 0), 'geofence:east')",
        "within(point(1, 3), 'geofence:east') and not within(point(2, 3), 'geofence:east')",
        "not within(point(4.000001, 1), 'geofence:east') and not within(customer.location, 'geofence:east')",
        "within(point(3.5, 3.5), 'geofence:two rings') and not within(point(2, 2), 'geofence:nowhere')",
        "market_price(customer, '华东') = 8.80 and market_price(customer, '华北') is missing",
        "'上海' in protected_regions(customer)",
        # Working days, holidays, the lunar calendar.
        "is_working_day(date('2026-10-10')) and not is_working_day(date('2026-10-07')) and is_working_day(date('2026-10-08'))",
        "holiday_of(date('2026-02-17')) = '春节' and holiday_of(date('2026-02-26')) is missing",
        "working_days_between(date('2026-09-30'), date('2026-10-10')) = 3",
        "add_working_days(date('2026-09-30'), 1) = date('2026-10-08')",
        "is_working_day(add_days(date('2026-12-31'), 1)) and not is_holiday(add_days(date('2026-12-31'), 1))",
        "lunar_date(date('2026-09-25')) = '八月十五' and lunar_date(date('2023-03-22')) = '闰二月初一'",
        "lunar_month(date('2033-12-22')) = 11 and is_lunar_leap_month(date('2033-12-22'))",
        "next_lunar_birthday(date('1985-03-21')) = date('2027-03-08')",
        "days_to_birthday(date('1990-06-16')) = 0 and days_to_birthday(date('1990-06-15')) = 364",
        "next_birthday(customer.birthday) = date('2027-03-01')",
        "birthday_within(date('1990-07-16'), 30) and not birthday_within(date('1990-07-17'), 30)",
        "lunar_birthday_within(date('1976-06-01'), 7)",
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
        "quarter_of(now()) = 2 and start_of_week(now()) = date('2026-06-15')",
        "start_of_month(today()) = date('2026-06-01') and start_of_year(today()) = date('2026-01-01')",
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
        "days_in_a_row(orders in last 90 days) = 1",
        "days_in_a_row(visits) = 0",
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
