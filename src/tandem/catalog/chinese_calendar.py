"""The Chinese calendar as tables: working days by State Council notice, and the lunar calendar.

Both back ends read the same sorted arrays by counting (`bisect` here, `width_bucket` in PostgreSQL), so they agree by construction.

- `data/working_days.csv`: days off and working weekends as the State Council's yearly notices set them, 2004 to 2026 (collected from
  chinesecalendar 1.11). Outside these years Monday to Friday are working days and no holiday is known.
- `data/lunar_years.csv`: new year's day, leap month and long months of the lunar years 1900 to 2099 (computed with lunar_python 1.4.8;
  compared month by month with two further libraries). Three new moons fall within minutes of midnight (September 2057, September 2089,
  August 2097), where published tables differ by a day.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Final

#: A Monday, from which weekdays are counted.
EPOCH: Final = date(1900, 1, 1)
_DAYS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_MONTHS: Final = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
DAY_NAMES: Final = (
    *(f"初{n}" for n in _DAYS),
    *(f"十{n}" for n in _DAYS[:9]),
    "二十",
    *(f"廿{n}" for n in _DAYS[:9]),
    "三十",
)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`off`: weekdays that are free; `worked`: weekend days that are worked; `holidays`: every free day with its name, in order."""

    off: tuple[date, ...]
    worked: tuple[date, ...]
    holidays: tuple[date, ...]
    names: tuple[str, ...]
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class LunarMonths:
    """`starts[i]` is the first day of a month and `starts[i + 1]` the first after it; `numbers` are 1 to 12, a leap month's too.

    `regular` and `lengths` hold the start and the days of each month that is no leap month: place 12 * (year - first year) + month - 1.
    """

    starts: tuple[date, ...]
    numbers: tuple[int, ...]
    leap: tuple[bool, ...]
    names: tuple[str, ...]
    new_years: tuple[date, ...]
    regular: tuple[date, ...]
    lengths: tuple[int, ...]


@cache
def working_days() -> WorkingDays:
    rows = [(date.fromisoformat(day), kind, name) for day, kind, name in _rows("working_days.csv")]
    free = [(day, name) for day, kind, name in rows if kind == "off"]
    return WorkingDays(
        off=tuple(day for day, _ in free if day.isoweekday() < 6),
        worked=tuple(day for day, kind, _ in rows if kind == "work" and day.isoweekday() >= 6),
        holidays=tuple(day for day, _ in free),
        names=tuple(name for _, name in free),
        first_year=rows[0][0].year,
        last_year=rows[-1][0].year,
    )


@cache
def lunar_months() -> LunarMonths:
    months: list[tuple[date, int, bool, int]] = []
    new_years: list[date] = []
    for _, new_year, leap_month, longs in _rows("lunar_years.csv"):
        start = date.fromisoformat(new_year)
        new_years.append(start)
        for (number, leap), long in zip(_numbers(int(leap_month)), longs, strict=True):
            days = 30 if long == "1" else 29
            months.append((start, number, leap, days))
            start += timedelta(days=days)
    end = months[-1][0] + timedelta(days=months[-1][3])
    return LunarMonths(
        starts=(*(start for start, _, _, _ in months), end),
        numbers=tuple(number for _, number, _, _ in months),
        leap=tuple(leap for _, _, leap, _ in months),
        names=tuple(f"{'闰' if leap else ''}{_MONTHS[number - 1]}月" for _, number, leap, _ in months),
        new_years=(*new_years, end),
        regular=tuple(start for start, _, leap, _ in months if not leap),
        lengths=tuple(days for _, _, leap, days in months if not leap),
    )


def _numbers(leap_month: int) -> Iterator[tuple[int, bool]]:
    for number in range(1, 13):
        yield number, False
        if number == leap_month:
            yield number, True


def _rows(name: str) -> list[list[str]]:
    text = resources.files("tandem.catalog").joinpath("data", name).read_text("utf-8")
    return list(csv.reader(text.splitlines()))[1:]


# ------------------------------------------------------------------------------------------------- working days


def working_day_number(day: date) -> int:
    """Return how many working days there are from the epoch until and including a day."""
    table = working_days()
    weeks, rest = divmod((day - EPOCH).days + 1, 7)
    return 5 * weeks + min(rest, 5) + bisect_right(table.worked, day) - bisect_right(table.off, day)


def is_working_day(day: date) -> bool:
    return working_day_number(day) != working_day_number(day - timedelta(days=1))


def working_days_between(first: date, second: date) -> int:
    """Return the working days after the first date until and including the second; negative when it comes before."""
    return working_day_number(second) - working_day_number(first)


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th working day after a date; the date itself for none."""
    wanted = working_day_number(day) + count
    found = day + timedelta(days=count)
    while count and working_day_number(found) < wanted:
        found += timedelta(days=1)
    return found


def holiday_of(day: date) -> str | None:
    """Return the Chinese name of the holiday that a day belongs to, None on other days and outside the known years."""
    table = working_days()
    place = bisect_right(table.holidays, day) - 1
    return table.names[place] if place >= 0 and table.holidays[place] == day else None


def is_known_year(year: int) -> bool:
    table = working_days()
    return table.first_year <= year <= table.last_year


# -------------------------------------------------------------------------------------------------------- lunar


def _month_of(day: date) -> int | None:
    """Return the place of the lunar month that a day lies in, None outside the table."""
    place = bisect_right(lunar_months().starts, day) - 1
    return place if 0 <= place < len(lunar_months().numbers) else None


def lunar_month(day: date) -> int | None:
    place = _month_of(day)
    return None if place is None else lunar_months().numbers[place]


def lunar_day(day: date) -> int | None:
    place = _month_of(day)
    return None if place is None else (day - lunar_months().starts[place]).days + 1


def is_lunar_leap_month(day: date) -> bool | None:
    place = _month_of(day)
    return None if place is None else lunar_months().leap[place]


def lunar_date(day: date) -> str | None:
    """Return a date as the lunar calendar calls it: 正月初一, 闰二月廿三."""
    place, number = _month_of(day), lunar_day(day)
    return None if place is None or number is None else lunar_months().names[place] + DAY_NAMES[number - 1]


def next_lunar_birthday(born: date, today: date) -> date | None:
    """Return the next lunar birthday, today's included.

    Who is born in a leap month celebrates in the month of that number; a 30th day is the last where the month has 29.
    """
    month, day = lunar_month(born), lunar_day(born)
    year = bisect_right(lunar_months().new_years, today) - 1
    if month is None or day is None or year < 0:
        return None
    found = _lunar_day_of(year, month, day)
    return _lunar_day_of(year + 1, month, day) if found is not None and found < today else found


def _lunar_day_of(year: int, month: int, day: int) -> date | None:
    table, place = lunar_months(), 12 * year + month - 1
    if place >= len(table.regular):
        return None
    return table.regular[place] + timedelta(days=min(day, table.lengths[place]) - 1)


def next_birthday(born: date, today: date) -> date:
    """Return the next birthday, today's included; who is born on 29 February has hers on 1 March in a common year."""
    found = _anniversary(born, today.year)
    return found if found >= today else _anniversary(born, today.year + 1)


def _anniversary(born: date, year: int) -> date:
    return date(year, born.month, 1) + timedelta(days=born.day - 1)
