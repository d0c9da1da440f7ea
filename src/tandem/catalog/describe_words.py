"""The words with which an expression is read out in Chinese and English."""

from __future__ import annotations

from typing import Final

from tandem.catalog.label import Label

COMPARE: Final = {
    "=": Label("等于", "is"),
    "!=": Label("不等于", "is not"),
    "<": Label("小于", "is less than"),
    "<=": Label("至多为", "is at most"),
    ">": Label("大于", "is more than"),
    ">=": Label("至少为", "is at least"),
}
COMPARE_TIME: Final = COMPARE | {
    "<": Label("早于", "is before"),
    "<=": Label("不晚于", "is not after"),
    ">": Label("晚于", "is after"),
    ">=": Label("不早于", "is not before"),
}
MATCH: Final = {
    "contains": Label("包含", "contains"),
    "starts with": Label("开头是", "starts with"),
    "ends with": Label("结尾是", "ends with"),
}
# {0} is what is aggregated: "orders in the last 90 days where …", with the field where one is meant.
AGGREGATE: Final = {
    "count": Label("{0}的数量", "the number of {0}"),
    "sum": Label("{0}的{1}合计", "the total {1} of {0}"),
    "avg": Label("{0}的平均{1}", "the average {1} of {0}"),
    "min": Label("{0}的最小{1}", "the smallest {1} of {0}"),
    "max": Label("{0}的最大{1}", "the largest {1} of {0}"),
    "first": Label("最早一次{0}的{1}", "the {1} of the first of {0}"),
    "last": Label("最近一次{0}的{1}", "the {1} of the latest of {0}"),
    "most_frequent": Label("{0}中最常见的{1}", "the most frequent {1} of {0}"),
    "exists": Label("存在{0}", "there are {0}"),
}
COUNT_OF: Final = Label("{0}中有{1}的数量", "the number of {0} that have {1}")

PHRASES: Final = {
    "now": Label("现在", "now"),
    "today": Label("今天", "today"),
    "days_since": Label("距{0}的天数", "days since {0}"),
    "days_until": Label("到{0}还有的天数", "days until {0}"),
    "age_years": Label("自{0}起的周岁", "full years since {0}"),
    "age_months": Label("自{0}起的满月数", "full months since {0}"),
    "age_weeks": Label("自{0}起的满周数", "full weeks since {0}"),
    "year_of": Label("{0}的年份", "the year of {0}"),
    "month_of": Label("{0}的月份", "the month of {0}"),
    "day_of": Label("{0}是几号", "the day of the month of {0}"),
    "weekday": Label("{0}是星期几", "the weekday of {0}"),
    "hour_of": Label("{0}的小时", "the hour of {0}"),
    "is_weekend": Label("{0}是周末", "{0} is at a weekend"),
    "date_of": Label("{0}的日期", "the date of {0}"),
    "start_of_day": Label("{0}零点", "the start of {0}"),
    "days_between": Label("{0}到{1}的天数", "days from {0} to {1}"),
    "add_days": Label("{0}之后{1}天", "{1} days after {0}"),
    "add_months": Label("{0}之后{1}个月", "{1} months after {0}"),
    "if": Label("若{0}则取{1}，否则取{2}", "{1} if {0}, else {2}"),
    "abs": Label("{0}的绝对值", "the absolute value of {0}"),
    "round": Label("{0}四舍五入到 {1} 位小数", "{0} rounded to {1} decimal places"),
    "floor": Label("{0}向下取整", "{0} rounded down"),
    "ceil": Label("{0}向上取整", "{0} rounded up"),
    "percent": Label("{0}占{1}的百分数", "{0} as a percentage of {1}"),
    "graduated": Label("{0}按档位累进（{1}）", "{0} charged by brackets ({1})"),
    "bracket": Label("{0}所达档位（{1}）", "the bracket that {0} reaches ({1})"),
    "lower": Label("{0}的小写", "{0} in lower case"),
    "upper": Label("{0}的大写", "{0} in upper case"),
    "length": Label("{0}的字符数", "the length of {0}"),
    "size": Label("{0}的元素个数", "the number of items in {0}"),
}
# Functions of any number of arguments: what stands before them.
LISTED: Final = {
    "coalesce": Label("第一个非空值：", "the first that is not missing of "),
    "min_of": Label("最小者：", "the smallest of "),
    "max_of": Label("最大者：", "the largest of "),
    "concat": Label("连接：", "joined: "),
}
UNITS: Final = (
    (604_800, Label("周", "week")),
    (86_400, Label("天", "day")),
    (3_600, Label("小时", "hour")),
    (60, Label("分钟", "minute")),
    (1, Label("秒", "second")),
)
ARITHMETIC: Final = {"+": "+", "-": "−", "*": "×", "/": "÷"}
