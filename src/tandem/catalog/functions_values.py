"""Functions of any value, and of numbers."""

from __future__ import annotations

from typing import Final

from tandem.catalog import function_python as py
from tandem.catalog.function_type import Function
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL, NUMBER, POINT, SAME, SAME_ORDERED, TIERS

_GRADUATED = "(case when {0} is not null then coalesce((select sum((least({0}, t.high) - t.low) * t.rate) from {1} as t(low, high, rate) where {0} > t.low), 0) end)"
_REACHED = "from {1} as t(low, high, rate) where t.low <= {0} and (t.high is null or {0} < t.high) limit 1)"

GENERAL: Final[list[Function]] = [
    Function(
        name="point",
        params=(NUMBER, NUMBER),
        result=POINT,
        sql="array[{0}, {1}]",
        python=py.point,
        guarded=True,
        help=Label("地点：经度、纬度", "a place: longitude, latitude"),
        example="within(point(121.47, 31.23), 'geofence:华东')",
    ),
    Function(
        name="if",
        params=(BOOL, SAME, SAME),
        result=SAME,
        sql="(case when {0?} then {1} else {2} end)",
        python=py.if_,
        nulls="lenient",
        help=Label("条件成立取前者，否则取后者", "the second value when the condition holds, else the third"),
        example="if(customer.level = 'gold', 2, 1) * event.total > 300",
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
        example="coalesce(customer.level, 'none') != 'gold'",
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
        example="min_of(customer.spend_total, 5000) * 2% > 50",
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
        example="max_of(event.total, 100) > 200",
    ),
]

NUMBERS: Final[list[Function]] = [
    Function(
        name="abs",
        params=(NUMBER,),
        result=NUMBER,
        sql="abs({0})",
        python=py.abs_,
        help=Label("绝对值", "the number without its sign"),
        example="abs(event.total - customer.average_order_value) > 100",
    ),
    Function(
        name="round",
        params=(NUMBER, NUMBER),
        result=NUMBER,
        sql="round({0}, {1}::integer)",
        python=py.round_,
        constant=(1,),
        help=Label("四舍五入到若干位小数", "round half up to so many decimal places"),
        example="round(event.total * 3%, 2) > 1.5",
    ),
    Function(
        name="floor",
        params=(NUMBER,),
        result=NUMBER,
        sql="floor({0})",
        python=py.floor,
        help=Label("向下取整", "the whole number at or below"),
        example="floor(event.total / 100) >= 3",
    ),
    Function(
        name="ceil",
        params=(NUMBER,),
        result=NUMBER,
        sql="ceil({0})",
        python=py.ceil,
        help=Label("向上取整", "the whole number at or above"),
        example="ceil(event.total / 100) >= 3",
    ),
    Function(
        name="percent",
        params=(NUMBER, NUMBER),
        result=NUMBER,
        sql="{percent}",
        python=py.percent,
        help=Label("前者占后者的百分数", "how many per cent the first is of the second"),
        example="percent(customer.refund_total, customer.spend_total) > 30",
    ),
    Function(
        name="graduated",
        params=(NUMBER, TIERS),
        result=NUMBER,
        sql=_GRADUATED,
        python=py.graduated,
        constant=(1,),
        help=Label("分段累进", "each stretch charged at its own tier's rate"),
        example="graduated(customer.spend_total, [0: 3%, 100000: 5%])",
    ),
    Function(
        name="bracket",
        params=(NUMBER, TIERS),
        result=NUMBER,
        sql=f"(select t.rate {_REACHED}",
        python=py.bracket,
        constant=(1,),
        help=Label("所达档位的比率", "the rate of the tier that is reached"),
        example="bracket(customer.spend_total, [0: 3%, 100000: 5%]) = 5%",
    ),
    Function(
        name="volume",
        params=(NUMBER, TIERS),
        result=NUMBER,
        sql=f"(select {{0}} * t.rate {_REACHED}",
        python=py.volume,
        constant=(1,),
        help=Label("全额按所达档位的比率", "the whole amount charged at the rate of the tier that it reaches"),
        example="volume(customer.spend_total, [0: 3%, 100000: 5%])",
    ),
]
