"""The functions of the expression language, by name. Adding one is adding a row to one of the lists."""

from __future__ import annotations

from typing import Final

from tandem.catalog.function_type import Clock, Cost, Function
from tandem.catalog.functions_chinese import CHINESE
from tandem.catalog.functions_text import TEXTS
from tandem.catalog.functions_time import TIME
from tandem.catalog.functions_values import GENERAL, NUMBERS
from tandem.catalog.label import Label

__all__ = ["AGGREGATES", "FUNCTIONS", "GROUPS", "LITERALS", "Clock", "Cost", "Function"]

GROUPS: Final[dict[str, list[Function]]] = {
    "time": TIME,
    "chinese": CHINESE,
    "general": GENERAL,
    "numbers": NUMBERS,
    "texts": TEXTS,
}
FUNCTIONS: Final[dict[str, tuple[Function, ...]]] = {}
for _function in (one for rows in GROUPS.values() for one in rows):
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
    "days_in_a_row": Label("最长连续多少天每天都有", "the longest run of days with a row on each"),
    "exists": Label("是否存在", "is there such a row"),
}
