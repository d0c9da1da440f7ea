"""The Python forms of the functions. Each gets the moment first; strict ones never see a missing argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tandem.catalog import calendar_math, exact
from tandem.catalog.calendar_math import Moment
from tandem.catalog.typed import TierRows

# Letters outside a-z have rules that differ between libraries; PostgreSQL's "C" collation leaves them alone as well.
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def now(at: Moment) -> datetime:
    return at.now


def today(at: Moment) -> date:
    return at.today


def days_since(at: Moment, day: date | datetime) -> Decimal:
    return calendar_math.days_between(at.local_date(day), at.today)


def days_until(at: Moment, day: date | datetime) -> Decimal:
    return calendar_math.days_between(at.today, at.local_date(day))


def age_years(at: Moment, day: date | datetime) -> Decimal:
    return calendar_math.age_years(at.local_date(day), at.today)


def age_months(at: Moment, day: date | datetime) -> Decimal:
    return calendar_math.age_months(at.local_date(day), at.today)


def age_weeks(at: Moment, day: date | datetime) -> Decimal:
    return calendar_math.age_weeks(at.local_date(day), at.today)


def year_of(at: Moment, day: date | datetime) -> Decimal:
    return Decimal(at.local_date(day).year)


def month_of(at: Moment, day: date | datetime) -> Decimal:
    return Decimal(at.local_date(day).month)


def day_of(at: Moment, day: date | datetime) -> Decimal:
    return Decimal(at.local_date(day).day)


def weekday(at: Moment, day: date | datetime) -> Decimal:
    return Decimal(at.local_date(day).isoweekday())


def hour_of(at: Moment, value: datetime) -> Decimal:
    return Decimal(at.local_hour(value))


def is_weekend(at: Moment, day: date | datetime) -> bool:
    return at.local_date(day).isoweekday() >= 6


def date_of(at: Moment, value: datetime) -> date:
    return at.local_date(value)


def start_of_day(at: Moment, day: date) -> datetime:
    return at.midnight(day)


def day_begins(at: Moment, day: date) -> datetime:
    return at.day_begins(day)


def next_hour(at: Moment, value: datetime) -> datetime:
    return at.next_hour(value)


def days_between(_at: Moment, first: date, second: date) -> Decimal:
    return calendar_math.days_between(first, second)


def add_days(_at: Moment, day: date, days: Decimal) -> date:
    return day + timedelta(days=int(days))


def add_months(_at: Moment, day: date, months: Decimal) -> date:
    return calendar_math.add_months(day, months)


def birthday_after(_at: Moment, day: date, months: Decimal) -> date:
    return calendar_math.birthday_after(day, months)


def if_(_at: Moment, condition: bool | None, then: Any, otherwise: Any) -> Any:  # noqa: FBT001 (an expression's argument)
    return then if condition else otherwise


def coalesce(_at: Moment, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def min_of(_at: Moment, *values: Any) -> Any:
    return min(values)


def max_of(_at: Moment, *values: Any) -> Any:
    return max(values)


def abs_(_at: Moment, value: Decimal) -> Decimal:
    return exact.absolute(value)


def round_(_at: Moment, value: Decimal, places: Decimal) -> Decimal:
    return exact.round_half_up(value, places)


def floor(_at: Moment, value: Decimal) -> Decimal:
    return exact.floor(value)


def ceil(_at: Moment, value: Decimal) -> Decimal:
    return exact.ceiling(value)


def percent(_at: Moment, part: Decimal, whole: Decimal) -> Decimal | None:
    return exact.percent(part, whole)


def graduated(_at: Moment, value: Decimal, tiers: TierRows) -> Decimal:
    return exact.graduated(value, tiers)


def bracket(_at: Moment, value: Decimal, tiers: TierRows) -> Decimal | None:
    return exact.bracket(value, tiers)


def lower(_at: Moment, value: str) -> str:
    return value.translate(_LOWER)


def upper(_at: Moment, value: str) -> str:
    return value.translate(_UPPER)


def length(_at: Moment, value: str | tuple[Any, ...]) -> Decimal:
    return Decimal(len(value))


def concat(_at: Moment, *values: str) -> str:
    return "".join(values)
