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
COMPARE_NAMED: Final = COMPARE | {"=": Label("是", "is"), "!=": Label("不是", "is not")}
COMPARE_TIME: Final = COMPARE_NAMED | {
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
    "count": Label("{0}次数", "the number of {0}"),
    "sum": Label("{0}的{1}合计", "the total {1} of {0}"),
    "avg": Label("{0}的平均{1}", "the average {1} of {0}"),
    "min": Label("{0}的最小{1}", "the smallest {1} of {0}"),
    "max": Label("{0}的最大{1}", "the largest {1} of {0}"),
    "first": Label("最早一次{0}的{1}", "the {1} of the first of {0}"),
    "last": Label("最近一次{0}的{1}", "the {1} of the latest of {0}"),
    "most_frequent": Label("{0}中最常见的{1}", "the most frequent {1} of {0}"),
    "days_in_a_row": Label("{0}最长的连续天数", "the longest run of days with {0}"),
    "exists": Label("有{0}", "there are {0}"),
    "none": Label("没有{0}", "there are no {0}"),
}
COUNT_OF: Final = Label("{0}中有{1}的次数", "the number of {0} that have {1}")

IF: Final = Label("（若{0}则取{1}，否则取{2}）", "({1} if {0}, else {2})")
OR_ELSE: Final = Label("（没有则取{0}）", " (or {0} where missing)")

# The same of today.
THIS: Final = {
    "start_of_week": Label("本周一", "this Monday"),
    "start_of_month": Label("本月 1 号", "the first of this month"),
    "start_of_year": Label("今年元旦", "the first day of this year"),
}
PHRASES: Final = {
    "now": Label("现在", "now"),
    "today": Label("今天", "today"),
    "days_since": Label("距{0}的天数", "days since {0}"),
    "days_until": Label("到{0}还有的天数", "days until {0}"),
    "age_years": Label("按{0}计算的周岁", "full years since {0}"),
    "age_months": Label("从{0}起的满月数", "full months since {0}"),
    "age_weeks": Label("从{0}起的满周数", "full weeks since {0}"),
    "year_of": Label("{0}的年份", "the year of {0}"),
    "month_of": Label("{0}的月份", "the month of {0}"),
    "day_of": Label("{0}是几号", "the day of the month of {0}"),
    "weekday": Label("{0}是星期几", "the weekday of {0}"),
    "hour_of": Label("{0}的小时", "the hour of {0}"),
    "is_weekend": Label("{0}是周末", "{0} is at a weekend"),
    "date_of": Label("{0}的日期", "the date of {0}"),
    "start_of_day": Label("{0}零点", "the start of {0}"),
    "days_between": Label("{0}到{1}的天数", "days from {0} to {1}"),
    "add_days": Label("{0}之后 {1} 天", "{1} days after {0}"),
    "add_months": Label("{0}之后 {1} 个月", "{1} months after {0}"),
    "abs": Label("{0}的绝对值", "the absolute value of {0}"),
    "round": Label("{0}四舍五入到 {1} 位小数", "{0} rounded to {1} decimal places"),
    "floor": Label("{0}向下取整", "{0} rounded down"),
    "ceil": Label("{0}向上取整", "{0} rounded up"),
    "percent": Label("{0}占{1}的百分数", "{0} as a percentage of {1}"),
    "graduated": Label("{0}按档位累进（{1}）", "{0} charged by brackets ({1})"),
    "bracket": Label("{0}所达档位的比率（{1}）", "the rate of the tier that {0} reaches ({1})"),
    "volume": Label("{0}全额按所达档位计（{1}）", "all of {0} at the rate of the tier that it reaches ({1})"),
    "half_width": Label("{0}转半角", "{0} in half-width letters"),
    "fold": Label("{0}不分全角半角与大小写", "{0} regardless of width and case"),
    "mentions": Label("{0}提到{1}（不分全角半角与大小写）", "{0} mentions {1} (whatever the width and case)"),
    "trim": Label("{0}去掉首尾空白", "{0} without spaces at its ends"),
    "left": Label("{0}的前 {1} 个字", "the first {1} characters of {0}"),
    "right": Label("{0}的后 {1} 个字", "the last {1} characters of {0}"),
    "initials": Label("{0}的拼音首字母", "the pinyin initials of {0}"),
    "quarter_of": Label("{0}的季度", "the quarter of {0}"),
    "start_of_week": Label("{0}所在周的周一", "the Monday of the week of {0}"),
    "start_of_month": Label("{0}所在月的 1 号", "the first of the month of {0}"),
    "start_of_year": Label("{0}所在年的元旦", "the first day of the year of {0}"),
    "next_birthday": Label("{0}之后的下一个生日", "the next anniversary of {0}"),
    "days_to_birthday": Label("距{0}的周年日的天数", "days until the next anniversary of {0}"),
    "birthday_within": Label("{0}在今后 {1} 天内", "{0} is within the next {1} days"),
    "next_lunar_birthday": Label("{0}的下一个农历生日", "the next lunar anniversary of {0}"),
    "days_to_lunar_birthday": Label("距{0}的农历生日的天数", "days until the next lunar anniversary of {0}"),
    "lunar_birthday_within": Label("{0}（农历）在今后 {1} 天内", "{0} (lunar calendar) is within the next {1} days"),
    "is_working_day": Label("{0}是工作日", "{0} is a working day"),
    "is_holiday": Label("{0}是节假日", "{0} is a public holiday"),
    "holiday_of": Label("{0}所属的节假日", "the public holiday of {0}"),
    "working_days_between": Label("{0}之后到{1}的工作日数", "working days after {0} until {1}"),
    "add_working_days": Label("{0}之后第 {1} 个工作日", "the date {1} working days after {0}"),
    "lunar_month": Label("{0}的农历月", "the lunar month of {0}"),
    "lunar_day": Label("{0}的农历日", "the lunar day of {0}"),
    "lunar_date": Label("{0}的农历日期", "the lunar date of {0}"),
    "is_lunar_leap_month": Label("{0}在农历闰月", "{0} lies in a lunar leap month"),
    "point": Label("地点（{0}，{1}）", "the point ({0}, {1})"),
    "lower": Label("{0}的小写", "{0} in lower case"),
    "upper": Label("{0}的大写", "{0} in upper case"),
    "length": Label("{0}的字符数", "the length of {0}"),
    "size": Label("{0}的元素个数", "the number of items in {0}"),
}
# Functions of any number of arguments: what stands before them.
LISTED: Final = {
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

# How belonging to a set is said: {0} is whose, {1} which. Sets without words of their own are said by the label.
MEMBER: Final = {
    "has_tag": Label("{0}带有标签{1}", "{0} has the tag {1}"),
    "in_segment": Label("{0}在分群{1}内", "{0} is in the segment {1}"),
}
NOT_MEMBER: Final = {
    "has_tag": Label("{0}没有标签{1}", "{0} does not have the tag {1}"),
    "in_segment": Label("{0}不在分群{1}内", "{0} is not in the segment {1}"),
}
WITHIN: Final = Label("{0}在“{1}”范围内", "{0} is within “{1}”")
NOT_WITHIN: Final = Label("{0}不在“{1}”范围内", "{0} is not within “{1}”")
IN_REGION: Final = Label("{0}在{1}", "{0} is in {1}")
WEEKDAYS: Final = (
    Label("周一", "Monday"),
    Label("周二", "Tuesday"),
    Label("周三", "Wednesday"),
    Label("周四", "Thursday"),
    Label("周五", "Friday"),
    Label("周六", "Saturday"),
    Label("周日", "Sunday"),
)
