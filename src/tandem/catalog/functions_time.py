"""Functions of dates and times, in the tenant's zone."""

from __future__ import annotations

from typing import Final

from tandem.catalog import function_python as py
from tandem.catalog.function_type import Function, on_day
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TIMESTAMP

_AGE_YEARS = (
    "(extract(year from {today}) - extract(year from {0}) - case when (extract(month from {today}), extract(day from {today}))"
    " < (extract(month from {0}), extract(day from {0})) then 1 else 0 end)"
)
_AGE_MONTHS = (
    "((extract(year from {today}) - extract(year from {0})) * 12 + extract(month from {today}) - extract(month from {0})"
    " - case when extract(day from {today}) < extract(day from {0}) then 1 else 0 end)"
)
# Where clocks are set back at midnight, a day begins an hour before the midnight that PostgreSQL finds.
_DAY_BEGINS = (
    "(case when (({0}::timestamp at time zone {zone}) - interval '1 hour') at time zone {zone} >= {0}::timestamp"
    " then ({0}::timestamp at time zone {zone}) - interval '1 hour' else {0}::timestamp at time zone {zone} end)"
)

_ANNIVERSARY = "make_date(extract(year from {today})::integer + %d, extract(month from {0})::integer, 1) + (extract(day from {0})::integer - 1)"
_NEXT_BIRTHDAY = f"(select case when b.this < {{today}} then b.next else b.this end from (select {_ANNIVERSARY % 0} as this, {_ANNIVERSARY % 1} as next) as b)"

TIME: Final[list[Function]] = [
    Function(
        name="now",
        params=(),
        result=TIMESTAMP,
        sql="{now}",
        python=py.now,
        clock="now",
        help=Label("当前业务时间", "the business time now"),
        example="customer.created_at > now() - 30 days",
    ),
    Function(
        name="today",
        params=(),
        result=DATE,
        sql="{today}",
        python=py.today,
        clock="calendar",
        help=Label("租户时区的今天", "today in the tenant's zone"),
        example="customer.birthday = today()",
    ),
    *on_day(
        "days_since",
        "({today} - {0})::numeric",
        py.days_since,
        Label("距今过去的自然日数", "calendar days from a date until today"),
        clock="calendar",
        example="days_since(last(orders.paid_at)) > 30",
    ),
    *on_day(
        "days_until",
        "({0} - {today})::numeric",
        py.days_until,
        Label("距离某日还有的自然日数", "calendar days from today until a date"),
        clock="calendar",
        example="days_until(customer.birthday) <= 7",
    ),
    *on_day(
        "age_years",
        _AGE_YEARS,
        py.age_years,
        Label("周岁", "full years from a date until today"),
        clock="calendar",
        example="age_years(customer.birthday) >= 18",
    ),
    *on_day(
        "age_months",
        _AGE_MONTHS,
        py.age_months,
        Label("满月数", "full months from a date until today"),
        clock="calendar",
        example="age_months(customer.birthday) between 6 and 18",
    ),
    *on_day(
        "age_weeks",
        "floor(({today} - {0}) / 7.0)",
        py.age_weeks,
        Label("满周数（如孕周）", "full weeks from a date until today (such as pregnancy)"),
        clock="calendar",
        example="age_weeks(customer.birthday) between 28 and 40",
    ),
    *on_day(
        "year_of",
        "extract(year from {0})",
        py.year_of,
        Label("年份", "the year of a date"),
        example="year_of(customer.birthday) = 1990",
    ),
    *on_day(
        "month_of",
        "extract(month from {0})",
        py.month_of,
        Label("月份 1–12", "the month of a date, 1 to 12"),
        example="month_of(customer.birthday) = month_of(today())",
    ),
    *on_day(
        "day_of",
        "extract(day from {0})",
        py.day_of,
        Label("日 1–31", "the day of the month, 1 to 31"),
        example="day_of(today()) = 1",
    ),
    *on_day(
        "weekday",
        "extract(isodow from {0})",
        py.weekday,
        Label("星期几，周一为 1，周日为 7", "the day of the week, Monday 1 to Sunday 7"),
        example="weekday(event.paid_at) in [6, 7]",
    ),
    Function(
        name="hour_of",
        params=(TIMESTAMP,),
        result=NUMBER,
        sql="extract(hour from {0} at time zone {zone})",
        python=py.hour_of,
        help=Label("小时 0–23", "the hour of a time, 0 to 23"),
        example="hour_of(event.paid_at) between 9 and 20",
    ),
    Function(
        name="is_weekend",
        params=(DATE,),
        result=BOOL,
        sql="(extract(isodow from {0}) >= 6)",
        python=py.is_weekend,
        help=Label("是否周六或周日", "is it a Saturday or Sunday"),
        example="is_weekend(event.paid_at)",
    ),
    Function(
        name="is_weekend",
        params=(TIMESTAMP,),
        result=BOOL,
        sql="(extract(isodow from ({0} at time zone {zone})::date) >= 6)",
        python=py.is_weekend,
        help=Label("是否周六或周日", "is it a Saturday or Sunday"),
        example="is_weekend(event.paid_at)",
    ),
    Function(
        name="date_of",
        params=(TIMESTAMP,),
        result=DATE,
        sql="({0} at time zone {zone})::date",
        python=py.date_of,
        help=Label("某时刻的日期", "the local date of a time"),
        example="date_of(event.paid_at) = today()",
    ),
    Function(
        name="start_of_day",
        params=(DATE,),
        result=TIMESTAMP,
        sql="({0}::timestamp at time zone {zone})",
        python=py.start_of_day,
        help=Label("某日零点", "the first moment of a day"),
        example="customer.created_at >= start_of_day(today())",
    ),
    Function(
        name="day_begins",
        params=(DATE,),
        result=TIMESTAMP,
        sql=_DAY_BEGINS,
        python=py.day_begins,
        hidden=True,
        help=Label("某日开始的时刻", "the moment at which a day begins"),
    ),
    Function(
        name="next_hour",
        params=(TIMESTAMP,),
        result=TIMESTAMP,
        sql="({0} + (date_trunc('hour', {0} at time zone {zone}) + interval '1 hour' - ({0} at time zone {zone})))",
        python=py.next_hour,
        hidden=True,
        help=Label("下一个整点", "the next full hour"),
    ),
    Function(
        name="days_between",
        params=(DATE, DATE),
        result=NUMBER,
        sql="({1} - {0})::numeric",
        python=py.days_between,
        help=Label("两个日期相隔的天数", "days from the first date to the second"),
        example="days_between(customer.birthday, today()) > 365",
    ),
    Function(
        name="add_days",
        params=(DATE, NUMBER),
        result=DATE,
        sql="({0} + {1}::integer)",
        python=py.add_days,
        constant=(1,),
        help=Label("加若干天", "a date some days on"),
        example="add_days(customer.birthday, 100) = today()",
    ),
    Function(
        name="birthday_after",
        params=(DATE, NUMBER),
        result=DATE,
        sql="((date_trunc('month', {0}::timestamp) + make_interval(months => {1}::integer))::date + extract(day from {0})::integer - 1)",
        python=py.birthday_after,
        constant=(1,),
        hidden=True,
        help=Label("满若干月之日", "the day on which someone is so many months old"),
    ),
    Function(
        name="add_months",
        params=(DATE, NUMBER),
        result=DATE,
        sql="({0} + make_interval(months => {1}::integer))::date",
        python=py.add_months,
        constant=(1,),
        help=Label("加若干月，月末对齐", "a date some months on, the month's last day where needed"),
        example="add_months(customer.birthday, 6) = today()",
    ),
    *on_day(
        "quarter_of",
        "extract(quarter from {0})",
        py.quarter_of,
        Label("季度 1–4", "the quarter of a date, 1 to 4"),
        example="quarter_of(today()) = 4",
    ),
    *on_day(
        "start_of_week",
        "date_trunc('week', ({0})::timestamp)::date",
        py.start_of_week,
        Label("所在周的周一", "the Monday of a date's week"),
        result=DATE,
        example="count(orders where paid_at >= start_of_week(today())) > 0",
    ),
    *on_day(
        "start_of_month",
        "date_trunc('month', ({0})::timestamp)::date",
        py.start_of_month,
        Label("所在月的 1 号", "the first day of a date's month"),
        result=DATE,
        example="sum(orders.total where paid_at >= start_of_month(today())) > 500",
    ),
    *on_day(
        "start_of_year",
        "date_trunc('year', ({0})::timestamp)::date",
        py.start_of_year,
        Label("所在年的 1 月 1 日", "the first day of a date's year"),
        result=DATE,
        example="customer.created_at >= start_of_year(today())",
    ),
    *on_day(
        "next_birthday",
        _NEXT_BIRTHDAY,
        py.next_birthday,
        Label("下一个公历生日（含今天）", "the next birthday of somebody born on that date, today's included"),
        result=DATE,
        clock="calendar",
        example="next_birthday(customer.birthday) = today()",
    ),
    *on_day(
        "days_to_birthday",
        f"({_NEXT_BIRTHDAY} - {{today}})::numeric",
        py.days_to_birthday,
        Label("距下一个公历生日的天数，当天为 0", "days until the next birthday, 0 on the day"),
        clock="calendar",
        example="days_to_birthday(customer.birthday) = 7",
    ),
    *on_day(
        "birthday_within",
        f"({_NEXT_BIRTHDAY} - {{today}} <= {{1}}::integer)",
        py.birthday_within,
        Label("公历生日在今后若干天内（含今天）", "is the birthday within so many days, today included"),
        result=BOOL,
        clock="calendar",
        more=(NUMBER,),
        example="birthday_within(customer.birthday, 30) or lunar_birthday_within(customer.birthday, 30)",
    ),
]
