"""The functions of the expression language, as data. Adding one is adding a row here.

SQL templates: `{0}`, `{1}` stand for the arguments, `{0?}` for a condition, `{args}` for all, `{today}`, `{now}` and
`{zone}` for the moment. An argument that a template names twice is computed once. Python forms get the moment first.
A strict function is missing when an argument is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from tandem.catalog import function_python as py
from tandem.catalog.label import Label
from tandem.catalog.value_types import (
    BOOL,
    DATE,
    NUMBER,
    SAME,
    SAME_ORDERED,
    TEXT,
    TIERS,
    TIMESTAMP,
    Type,
    list_of,
)

Cost = Literal["cheap", "moderate", "heavy"]
Clock = Literal["none", "now", "calendar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One overload. `clock` says whether its value moves with time: at every moment, or at local midnights only.

    `hidden` ones serve the engines and are neither offered nor accepted in a text.
    `guarded` wraps SQL whose own null rule is not strict. `constant` are the positions that take constants only.
    """

    name: str
    params: tuple[Type, ...]
    result: Type
    sql: str
    python: Callable[..., Any]
    help: Label
    nulls: Literal["strict", "lenient"] = "strict"
    variadic: bool = False
    guarded: bool = False
    clock: Clock = "none"
    constant: tuple[int, ...] = ()
    cost: Cost = "cheap"
    hidden: bool = False

    @property
    def signature(self) -> str:
        shown = [str(p) for p in self.params]
        if self.variadic:
            shown.append("…")
        return f"{self.name}({', '.join(shown)})"


def _on_day(name: str, sql: str, python: Callable[..., Any], help_: Label, *, clock: Clock = "none") -> list[Function]:
    """Make the two overloads of a function of a day: of a date, and of the local date of a time."""
    local = "({0} at time zone {zone})::date"
    return [
        Function(name=name, params=(DATE,), result=NUMBER, sql=sql, python=python, help=help_, clock=clock),
        Function(
            name=name,
            params=(TIMESTAMP,),
            result=NUMBER,
            sql=sql.replace("{0}", local),
            python=python,
            help=help_,
            clock=clock,
        ),
    ]


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
_GRADUATED = "(case when {0} is not null then coalesce((select sum((least({0}, t.high) - t.low) * t.rate) from {1} as t(low, high, rate) where {0} > t.low), 0) end)"
_BRACKET = "(select t.rate from {1} as t(low, high, rate) where t.low <= {0} order by t.low desc limit 1)"

_TIME: Final[list[Function]] = [
    Function(
        name="now",
        params=(),
        result=TIMESTAMP,
        sql="{now}",
        python=py.now,
        clock="now",
        help=Label("当前业务时间", "the business time now"),
    ),
    Function(
        name="today",
        params=(),
        result=DATE,
        sql="{today}",
        python=py.today,
        clock="calendar",
        help=Label("租户时区的今天", "today in the tenant's zone"),
    ),
    *_on_day(
        "days_since",
        "({today} - {0})::numeric",
        py.days_since,
        Label("距今过去的自然日数", "calendar days from a date until today"),
        clock="calendar",
    ),
    *_on_day(
        "days_until",
        "({0} - {today})::numeric",
        py.days_until,
        Label("距离某日还有的自然日数", "calendar days from today until a date"),
        clock="calendar",
    ),
    *_on_day(
        "age_years", _AGE_YEARS, py.age_years, Label("周岁", "full years from a date until today"), clock="calendar"
    ),
    *_on_day(
        "age_months",
        _AGE_MONTHS,
        py.age_months,
        Label("满月数", "full months from a date until today"),
        clock="calendar",
    ),
    *_on_day(
        "age_weeks",
        "floor(({today} - {0}) / 7.0)",
        py.age_weeks,
        Label("满周数（如孕周）", "full weeks from a date until today (such as pregnancy)"),
        clock="calendar",
    ),
    *_on_day("year_of", "extract(year from {0})", py.year_of, Label("年份", "the year of a date")),
    *_on_day("month_of", "extract(month from {0})", py.month_of, Label("月份 1–12", "the month of a date, 1 to 12")),
    *_on_day("day_of", "extract(day from {0})", py.day_of, Label("日 1–31", "the day of the month, 1 to 31")),
    *_on_day(
        "weekday",
        "extract(isodow from {0})",
        py.weekday,
        Label("星期几，周一为 1，周日为 7", "the day of the week, Monday 1 to Sunday 7"),
    ),
    Function(
        name="hour_of",
        params=(TIMESTAMP,),
        result=NUMBER,
        sql="extract(hour from {0} at time zone {zone})",
        python=py.hour_of,
        help=Label("小时 0–23", "the hour of a time, 0 to 23"),
    ),
    Function(
        name="is_weekend",
        params=(DATE,),
        result=BOOL,
        sql="(extract(isodow from {0}) >= 6)",
        python=py.is_weekend,
        help=Label("是否周六或周日", "is it a Saturday or Sunday"),
    ),
    Function(
        name="is_weekend",
        params=(TIMESTAMP,),
        result=BOOL,
        sql="(extract(isodow from ({0} at time zone {zone})::date) >= 6)",
        python=py.is_weekend,
        help=Label("是否周六或周日", "is it a Saturday or Sunday"),
    ),
    Function(
        name="date_of",
        params=(TIMESTAMP,),
        result=DATE,
        sql="({0} at time zone {zone})::date",
        python=py.date_of,
        help=Label("某时刻的日期", "the local date of a time"),
    ),
    Function(
        name="start_of_day",
        params=(DATE,),
        result=TIMESTAMP,
        sql="({0}::timestamp at time zone {zone})",
        python=py.start_of_day,
        help=Label("某日零点", "the first moment of a day"),
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
    ),
    Function(
        name="add_days",
        params=(DATE, NUMBER),
        result=DATE,
        sql="({0} + {1}::integer)",
        python=py.add_days,
        constant=(1,),
        help=Label("加若干天", "a date some days on"),
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
    ),
]

_GENERAL: Final[list[Function]] = [
    Function(
        name="if",
        params=(BOOL, SAME, SAME),
        result=SAME,
        sql="(case when {0?} then {1} else {2} end)",
        python=py.if_,
        nulls="lenient",
        help=Label("条件成立取前者，否则取后者", "the second value when the condition holds, else the third"),
    ),
    Function(
        name="coalesce",
        params=(SAME, SAME),
        result=SAME,
        sql="coalesce({args})",
        python=py.coalesce,
        nulls="lenient",
        variadic=True,
        help=Label("第一个非空值", "the first value that is not missing"),
    ),
    Function(
        name="min_of",
        params=(SAME_ORDERED, SAME_ORDERED),
        result=SAME_ORDERED,
        sql="least({args})",
        python=py.min_of,
        variadic=True,
        guarded=True,
        help=Label("最小者", "the smallest of the values"),
    ),
    Function(
        name="max_of",
        params=(SAME_ORDERED, SAME_ORDERED),
        result=SAME_ORDERED,
        sql="greatest({args})",
        python=py.max_of,
        variadic=True,
        guarded=True,
        help=Label("最大者", "the largest of the values"),
    ),
]

_NUMBERS: Final[list[Function]] = [
    Function(
        name="abs",
        params=(NUMBER,),
        result=NUMBER,
        sql="abs({0})",
        python=py.abs_,
        help=Label("绝对值", "the number without its sign"),
    ),
    Function(
        name="round",
        params=(NUMBER, NUMBER),
        result=NUMBER,
        sql="round({0}, {1}::integer)",
        python=py.round_,
        constant=(1,),
        help=Label("四舍五入到若干位小数", "round half up to so many decimal places"),
    ),
    Function(
        name="floor",
        params=(NUMBER,),
        result=NUMBER,
        sql="floor({0})",
        python=py.floor,
        help=Label("向下取整", "the whole number at or below"),
    ),
    Function(
        name="ceil",
        params=(NUMBER,),
        result=NUMBER,
        sql="ceil({0})",
        python=py.ceil,
        help=Label("向上取整", "the whole number at or above"),
    ),
    Function(
        name="percent",
        params=(NUMBER, NUMBER),
        result=NUMBER,
        sql="{percent}",
        python=py.percent,
        help=Label("前者占后者的百分数", "how many per cent the first is of the second"),
    ),
    Function(
        name="graduated",
        params=(NUMBER, TIERS),
        result=NUMBER,
        sql=_GRADUATED,
        python=py.graduated,
        constant=(1,),
        help=Label("分段累进", "each stretch charged at its own tier's rate"),
    ),
    Function(
        name="bracket",
        params=(NUMBER, TIERS),
        result=NUMBER,
        sql=_BRACKET,
        python=py.bracket,
        constant=(1,),
        help=Label("所达档位的比率", "the rate of the tier that is reached"),
    ),
]

_TEXTS: Final[list[Function]] = [
    Function(
        name="lower",
        params=(TEXT,),
        result=TEXT,
        sql='lower({0} collate "C")',
        python=py.lower,
        help=Label("英文字母转小写", "Latin letters a-z in lower case"),
    ),
    Function(
        name="upper",
        params=(TEXT,),
        result=TEXT,
        sql='upper({0} collate "C")',
        python=py.upper,
        help=Label("英文字母转大写", "Latin letters a-z in upper case"),
    ),
    Function(
        name="length",
        params=(TEXT,),
        result=NUMBER,
        sql="length({0})::numeric",
        python=py.length,
        help=Label("字符数", "the number of characters"),
    ),
    Function(
        name="concat",
        params=(TEXT, TEXT),
        result=TEXT,
        sql="({args||})",
        python=py.concat,
        variadic=True,
        help=Label("连接文本", "texts joined"),
    ),
    Function(
        name="size",
        params=(list_of(TEXT),),
        result=NUMBER,
        sql="cardinality({0})::numeric",
        python=py.length,
        help=Label("列表元素个数", "how many items a list has"),
    ),
]

FUNCTIONS: Final[dict[str, tuple[Function, ...]]] = {}
for _function in [*_TIME, *_GENERAL, *_NUMBERS, *_TEXTS]:
    FUNCTIONS[_function.name] = (*FUNCTIONS.get(_function.name, ()), _function)

# Read by the checker itself: their argument is a literal and the result a constant.
LITERALS: Final = {
    "date": Label("日期，如 date('2026-01-31')", "a date, such as date('2026-01-31')"),
    "timestamp": Label(
        "时间，如 timestamp('2026-01-31T08:00:00+08:00')", "a time, such as timestamp('2026-01-31T08:00:00+08:00')"
    ),
}
AGGREGATES: Final = {
    "count": Label("行数", "how many rows"),
    "sum": Label("合计，没有则为 0", "the total, 0 where there are none"),
    "avg": Label("平均", "the average"),
    "min": Label("最小", "the smallest"),
    "max": Label("最大", "the largest"),
    "first": Label("时间最早一行的值", "the value of the earliest row"),
    "last": Label("时间最近一行的值", "the value of the latest row"),
    "most_frequent": Label("出现最多的值，并列取较小者", "the most frequent value; of equals the smallest"),
    "exists": Label("是否存在", "is there such a row"),
}
