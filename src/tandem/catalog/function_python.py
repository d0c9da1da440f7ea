"""The Python forms of the functions. Each gets the moment first; strict ones never see a missing argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tandem.catalog import calendar_math, chinese_calendar, divisions, exact, text_forms
from tandem.catalog.calendar_math import Moment
from tandem.catalog.typed import TierRows


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
    return value.translate(text_forms.LOWER)


def upper(_at: Moment, value: str) -> str:
    return value.translate(text_forms.UPPER)


def length(_at: Moment, value: str | tuple[Any, ...]) -> Decimal:
    return Decimal(len(value))


def concat(_at: Moment, *values: str) -> str:
    return "".join(values)


def volume(_at: Moment, value: Decimal, tiers: TierRows) -> Decimal | None:
    return exact.volume(value, tiers)


def half_width(_at: Moment, value: str) -> str:
    return text_forms.half_width(value)


def fold(_at: Moment, value: str) -> str:
    return text_forms.fold(value)


def mentions(_at: Moment, value: str, part: str) -> bool:
    return text_forms.fold(part) in text_forms.fold(value)


def trim(_at: Moment, value: str) -> str:
    return value.strip(text_forms.SPACES)


def left(_at: Moment, value: str, count: Decimal) -> str:
    return value[: int(count)]


def right(_at: Moment, value: str, count: Decimal) -> str:
    return value[max(0, len(value) - int(count)) :]


def initials(_at: Moment, value: str) -> str:
    return text_forms.initials(value)


def quarter_of(at: Moment, day: date | datetime) -> Decimal:
    return Decimal((at.local_date(day).month + 2) // 3)


def start_of_week(at: Moment, day: date | datetime) -> date:
    local = at.local_date(day)
    return local - timedelta(days=local.isoweekday() - 1)


def start_of_month(at: Moment, day: date | datetime) -> date:
    return at.local_date(day).replace(day=1)


def start_of_year(at: Moment, day: date | datetime) -> date:
    return at.local_date(day).replace(month=1, day=1)


def next_birthday(at: Moment, born: date | datetime) -> date:
    return chinese_calendar.next_birthday(at.local_date(born), at.today)


def days_to_birthday(at: Moment, born: date | datetime) -> Decimal:
    return calendar_math.days_between(at.today, next_birthday(at, born))


def birthday_within(at: Moment, born: date | datetime, days: Decimal) -> bool:
    return days_to_birthday(at, born) <= days


def next_lunar_birthday(at: Moment, born: date | datetime) -> date | None:
    return chinese_calendar.next_lunar_birthday(at.local_date(born), at.today)


def days_to_lunar_birthday(at: Moment, born: date | datetime) -> Decimal | None:
    day = next_lunar_birthday(at, born)
    return None if day is None else calendar_math.days_between(at.today, day)


def lunar_birthday_within(at: Moment, born: date | datetime, days: Decimal) -> bool | None:
    left_ = days_to_lunar_birthday(at, born)
    return None if left_ is None else left_ <= days


def is_working_day(at: Moment, day: date | datetime) -> bool:
    return chinese_calendar.is_working_day(at.local_date(day))


def is_holiday(at: Moment, day: date | datetime) -> bool:
    return holiday_of(at, day) is not None


def holiday_of(at: Moment, day: date | datetime) -> str | None:
    return chinese_calendar.holiday_of(at.local_date(day))


def working_days_between(_at: Moment, first: date, second: date) -> Decimal:
    return Decimal(chinese_calendar.working_days_between(first, second))


def add_working_days(_at: Moment, day: date, count: Decimal) -> date:
    return chinese_calendar.add_working_days(day, int(count))


def lunar_month(at: Moment, day: date | datetime) -> Decimal | None:
    found = chinese_calendar.lunar_month(at.local_date(day))
    return None if found is None else Decimal(found)


def lunar_day(at: Moment, day: date | datetime) -> Decimal | None:
    found = chinese_calendar.lunar_day(at.local_date(day))
    return None if found is None else Decimal(found)


def is_lunar_leap_month(at: Moment, day: date | datetime) -> bool | None:
    return chinese_calendar.is_lunar_leap_month(at.local_date(day))


def lunar_date(at: Moment, day: date | datetime) -> str | None:
    return chinese_calendar.lunar_date(at.local_date(day))


def in_region(_at: Moment, code: str, region: str) -> bool:
    return divisions.in_region(code, region)


def point(_at: Moment, longitude: Decimal, latitude: Decimal) -> tuple[Decimal, Decimal]:
    return longitude, latitude
