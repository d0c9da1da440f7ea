"""Do the calendar tables say what the notices and the almanacs say? Known dates, worked out from them by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tandem.catalog.chinese_calendar import (
    add_working_days,
    is_working_day,
    lunar_date,
    lunar_months,
    next_birthday,
    next_lunar_birthday,
    working_day_number,
    working_days,
    working_days_between,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "lunar"),
    [
        # New years, full moons, and the years known for their leap months.
        ("1900-01-31", "正月初一"),
        ("1949-10-01", "八月初十"),
        ("1984-12-31", "冬月初十"),
        ("2000-02-05", "正月初一"),
        ("2006-08-24", "闰七月初一"),
        ("2012-05-20", "四月三十"),
        ("2017-07-23", "闰六月初一"),
        ("2020-05-23", "闰四月初一"),
        ("2023-01-22", "正月初一"),
        ("2023-03-22", "闰二月初一"),
        ("2024-06-10", "五月初五"),
        ("2025-01-29", "正月初一"),
        ("2025-07-25", "闰六月初一"),
        ("2026-02-17", "正月初一"),
        ("2026-09-25", "八月十五"),
        ("2033-12-22", "闰冬月初一"),
        ("2034-02-19", "正月初一"),
    ],
)
def test_lunar_dates(text: str, lunar: str) -> None:
    assert lunar_date(day(text)) == lunar


def test_lunar_dates_end_with_the_table() -> None:
    assert lunar_date(day("1900-01-30")) is None
    assert lunar_date(day("2100-02-08")) is not None
    assert lunar_date(day("2100-02-09")) is None
    months = lunar_months()
    assert len(months.regular) == 200 * 12
    assert all(29 <= (b - a).days <= 30 for a, b in zip(months.starts, months.starts[1:], strict=False))


@pytest.mark.parametrize(
    ("born", "today", "expected"),
    [
        ("1985-03-21", "2026-01-01", "2026-03-19"),  # 二月初一
        ("1985-03-21", "2026-03-19", "2026-03-19"),
        ("1985-03-21", "2026-03-20", "2027-03-08"),
        ("2023-03-22", "2024-01-01", "2024-03-10"),  # born in a leap second month: the ordinary one
        ("2012-05-20", "2026-01-01", "2026-06-14"),  # 四月三十; the fourth month of 2026 has 29 days
    ],
)
def test_lunar_birthdays(born: str, today: str, expected: str) -> None:
    assert next_lunar_birthday(day(born), day(today)) == day(expected)


def test_who_is_born_on_a_leap_day_has_her_birthday_on_the_first_of_march() -> None:
    assert next_birthday(day("2000-02-29"), day("2026-01-01")) == day("2026-03-01")
    assert next_birthday(day("2000-02-29"), day("2028-01-01")) == day("2028-02-29")


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-01-01", False),
        ("2026-01-04", True),  # a Sunday worked
        ("2026-02-14", True),  # a Saturday worked
        ("2026-02-23", False),  # a Monday off
        ("2026-02-24", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2025-01-26", True),
        ("2020-01-31", False),  # lengthened by notice
        ("2015-09-03", False),
        ("2027-01-01", True),  # not known: a Friday
        ("2027-01-02", False),
    ],
)
def test_working_days(text: str, works: bool) -> None:
    assert is_working_day(day(text)) is works


def test_counting_and_stepping_agree_with_the_days_one_by_one() -> None:
    first = day("2003-12-20")
    table = working_days()
    assert (table.first_year, table.last_year) == (2004, 2026)
    for step in range(0, 9_000, 7):
        start = first + timedelta(days=step)
        ahead = [start + timedelta(days=n) for n in range(1, 40)]
        working = [each for each in ahead if is_working_day(each)]
        assert working_days_between(start, ahead[-1]) == len(working)
        assert add_working_days(start, 1) == working[0]
        assert add_working_days(start, 10) == working[9]
        assert working_day_number(start - timedelta(days=1)) in {
            working_day_number(start),
            working_day_number(start) - 1,
        }
