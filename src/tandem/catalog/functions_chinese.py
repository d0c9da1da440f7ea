"""Functions of the Chinese calendar, of lunar dates and of administrative divisions."""

from __future__ import annotations

from typing import Final

from tandem.catalog import function_python as py
from tandem.catalog.chinese_calendar import working_days
from tandem.catalog.function_type import Function, on_day
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TEXT

_KNOWN: Final = f"{working_days().first_year}–{working_days().last_year}"
_YEARS: Final = Label(
    f"节假日与调休按国务院办公厅每年的通知，已知 {_KNOWN} 年；其余年份按周一至周五上班、没有节假日",
    f"Holidays and working weekends are known for {_KNOWN} (State Council notices); in other years Monday to Friday are working days and no holiday is known",
)
_LUNAR_YEARS: Final = Label("农历 1900–2099 年；其外没有值", "Lunar years 1900 to 2099; missing outside them")

# Weekdays since the epoch, plus working weekends, less weekdays off: each a count in a sorted table.
_WORKING_DAY_NUMBER: Final = (
    "(5 * floor(({day} - {@epoch} + 1) / 7.0) + least({day} - {@epoch} + 1 - 7 * floor(({day} - {@epoch} + 1) / 7.0), 5)"
    " + width_bucket({day}, {@days_worked}) - width_bucket({day}, {@days_off}))"
)


def _number_of(day: str) -> str:
    return _WORKING_DAY_NUMBER.replace("{day}", day)


_IS_WORKING_DAY: Final = (
    "(case when {0} = any({@days_worked}) then true when {0} = any({@days_off}) then false"
    " else extract(isodow from {0}) < 6 end)"
)
_ADD_WORKING_DAYS: Final = (
    f"(select {{0}} + g.n from generate_series({{1}}::integer, 2 * {{1}}::integer + 20) as g(n)"
    f" where {_number_of('({0} + g.n)')} >= {_number_of('{0}')} + {{1}} or {{1}} = 0 order by g.n limit 1)"
)
_MONTH: Final = "(select width_bucket({0}, {@lunar_starts}) as place) as m"
_LUNAR_DAY: Final = f"(select case when m.place <= cardinality({{@lunar_numbers}}) then {{0}} - ({{@lunar_starts}})[m.place] + 1 end from {_MONTH})"
_LUNAR_DATE: Final = f"(select ({{@lunar_names}})[m.place] || ({{@lunar_day_names}})[{{0}} - ({{@lunar_starts}})[m.place] + 1] from {_MONTH})"
_NEXT_LUNAR_BIRTHDAY: Final = (
    "(select case when b.this < {today} then b.next else b.this end from (select"
    " ({@lunar_regular})[a.place] + least(a.day, ({@lunar_lengths})[a.place]) - 1 as this,"
    " ({@lunar_regular})[a.place + 12] + least(a.day, ({@lunar_lengths})[a.place + 12]) - 1 as next"
    " from (select 12 * (width_bucket({today}, {@lunar_new_years}) - 1) + ({@lunar_numbers})[m.place] as place,"
    f" {{0}} - ({{@lunar_starts}})[m.place] + 1 as day from {_MONTH}) as a) as b)"
)

CHINESE: Final[list[Function]] = [
    *on_day(
        "is_working_day",
        _IS_WORKING_DAY,
        py.is_working_day,
        Label(
            "是否工作日（含调休上班，除去法定节假日）",
            "is it a working day in China, holidays and working weekends counted",
        ),
        result=BOOL,
        example="is_working_day(today())",
        note=_YEARS,
    ),
    *on_day(
        "is_holiday",
        "({0} = any({@holidays}))",
        py.is_holiday,
        Label("是否节假日放假", "is it within a public holiday in China"),
        result=BOOL,
        example="is_holiday(today() + 1 day)",
        note=_YEARS,
    ),
    *on_day(
        "holiday_of",
        "({@holiday_names})[array_position({@holidays}, {0})]",
        py.holiday_of,
        Label(
            "节假日名称，如 春节、国庆节；其余日子没有值",
            "the public holiday's Chinese name, such as 春节; missing on other days",
        ),
        result=TEXT,
        example="holiday_of(event.paid_at) = '春节'",
        note=_YEARS,
    ),
    Function(
        name="working_days_between",
        params=(DATE, DATE),
        result=NUMBER,
        sql=f"({_number_of('{1}')} - {_number_of('{0}')})",
        python=py.working_days_between,
        help=Label(
            "前一日期之后到后一日期（含）的工作日数", "working days after the first date until and including the second"
        ),
        example="working_days_between(date_of(customer.created_at), today()) >= 3",
        note=_YEARS,
    ),
    Function(
        name="add_working_days",
        params=(DATE, NUMBER),
        result=DATE,
        sql=_ADD_WORKING_DAYS,
        python=py.add_working_days,
        constant=(1,),
        constant_min=0,
        cost="moderate",
        help=Label("之后第若干个工作日", "the date so many working days on"),
        example="add_working_days(today(), 3)",
        note=_YEARS,
    ),
    *on_day(
        "lunar_month",
        f"(select ({{@lunar_numbers}})[m.place] from {_MONTH})::numeric",
        py.lunar_month,
        Label("农历月 1–12（闰月同其月）", "the lunar month, 1 to 12; a leap month has its month's number"),
        example="lunar_month(today()) = 8",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "lunar_day",
        f"{_LUNAR_DAY}::numeric",
        py.lunar_day,
        Label("农历日 1–30", "the day of the lunar month, 1 to 30"),
        example="lunar_day(today()) = 15",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "is_lunar_leap_month",
        f"(select ({{@lunar_leap}})[m.place] from {_MONTH})",
        py.is_lunar_leap_month,
        Label("是否在闰月", "is it in a leap month"),
        result=BOOL,
        example="is_lunar_leap_month(customer.birthday)",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "lunar_date",
        _LUNAR_DATE,
        py.lunar_date,
        Label("农历日期，如 正月初一、闰二月廿三", "the lunar date in Chinese, such as 正月初一, 闰二月廿三"),
        result=TEXT,
        example="lunar_date(today()) = '八月十五'",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "next_lunar_birthday",
        _NEXT_LUNAR_BIRTHDAY,
        py.next_lunar_birthday,
        Label(
            "按公历生日推算的下一个农历生日（含今天）",
            "the next lunar birthday of somebody born on that date, today's included",
        ),
        result=DATE,
        clock="calendar",
        example="next_lunar_birthday(customer.birthday) = today()",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "days_to_lunar_birthday",
        f"({_NEXT_LUNAR_BIRTHDAY} - {{today}})::numeric",
        py.days_to_lunar_birthday,
        Label("距下一个农历生日的天数，当天为 0", "days until the next lunar birthday, 0 on the day"),
        clock="calendar",
        example="days_to_lunar_birthday(customer.birthday) = 7",
        note=_LUNAR_YEARS,
    ),
    *on_day(
        "lunar_birthday_within",
        f"({_NEXT_LUNAR_BIRTHDAY} - {{today}} <= {{1}}::integer)",
        py.lunar_birthday_within,
        Label("农历生日在今后若干天内（含今天）", "is the lunar birthday within so many days, today included"),
        result=BOOL,
        clock="calendar",
        more=(NUMBER,),
        example="lunar_birthday_within(customer.birthday, 30)",
        note=_LUNAR_YEARS,
    ),
    Function(
        name="in_region",
        params=(TEXT, TEXT),
        result=BOOL,
        sql=(
            "starts_with({0}, case when right({1}, 4) = {@province_end} then left({1}, 2)"
            " when right({1}, 2) = {@city_end} then left({1}, 4) else {1} end)"
        ),
        python=py.in_region,
        constant=(1,),
        help=Label(
            "行政区划代码（GB/T 2260）是否属于某省、市、区县",
            "is a GB/T 2260 division code that of a province, city or county, or of a place within it",
        ),
        example="in_region(customer.division, '310000')",
    ),
]
