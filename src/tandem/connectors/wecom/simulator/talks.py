"""Talks that the simulated corporation's first customers had with their advisers, in the days before the story begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, so many minutes before the story begins."""

    minutes_before: float
    by_customer: bool
    kind: str
    inner: Mapping[str, Any] = field(default_factory=dict[str, Any])


def _talk(begin: float, *said: tuple[str, float, str] | tuple[str, float, str, Mapping[str, Any]]) -> tuple[Line, ...]:
    """`(who, minutes after the beginning, text or kind, what)`: who is C the customer or S the member of staff."""
    return tuple(
        Line(
            begin - one[1],
            one[0] == "C",
            one[2] if len(one) > 3 else "text",
            one[3] if len(one) > 3 else {"content": one[2]},
        )  # type: ignore[misc]
        for one in said
    )


TALKS: Final[Sequence[Sequence[Line]]] = (
    _talk(
        2 * DAY - 60,
        ("C", 0, "在吗？奶粉 3 段现在有活动吗"),
        ("S", 2, "在的呀～ 3 段买二送一，到周日"),
        ("C", 4, "送的是同款吗？"),
        ("S", 5, "是同款小罐 400 克"),
        ("C", 9, "好的给我留两罐，下午来拿"),
        ("S", 10, "好嘞，给您留在前台"),
    ),
    _talk(
        2 * DAY - 200,
        ("C", 0, "上次买的羽绒服拉链坏了"),
        ("C", 1, "image", {}),
        ("S", 46, "您好，看到了，可以到店换拉链"),
        ("C", 60, "等了快一个小时才回，我要投诉你们"),
        ("S", 75, "非常抱歉，今天店里人多，我这就给您登记"),
        ("S", 76, "file", {"filename": "售后登记表.pdf", "fileext": "pdf"}),
    ),
    _talk(
        DAY + 300,
        ("C", 0, "会员价能再低一点吗"),
        ("S", 3, "店里系统价是这样的"),
        ("S", 4, "您要是方便，直接微信转账给我个人，我给您再便宜 20"),
        ("C", 8, "这样没有小票吧？"),
        ("S", 9, "没有小票，不过质量一样"),
    ),
    _talk(
        DAY + 100,
        ("S", 0, "林姐，您看的那款辅食机到货了"),
        ("S", 1, "link", {"title": "辅食机三合一", "description": "蒸煮搅一体", "link_url": "https://example.com/p/1"}),
        ("C", 30, "太好了，周末来看"),
        ("S", 31, "好的，周末见"),
    ),
    _talk(
        DAY - 400,
        ("C", 0, "宝宝 8 个月穿多大码？"),
        ("S", 6, "看身高体重，一般 80 码"),
        ("C", 8, "身高 72 体重 18 斤"),
        ("S", 12, "那就 80 码，稍微宽松一点"),
        ("C", 13, "voice", {"play_length": 6, "voice_size": 9_812}),
    ),
    _talk(DAY - 500, ("C", 0, "你们周年庆是哪天？"), ("S", 4, "下周六，全场 8 折，会员折上折"), ("C", 5, "好的")),
    _talk(
        600,
        ("C", 0, "订单 5 天了还没到，能帮我看一下物流吗"),
        ("S", 20, "马上看"),
        ("S", 24, "到中转站了，预计明天送到"),
        ("C", 26, "明天再不到我就退款"),
    ),
    _talk(
        420,
        ("C", 0, "你们那个益生菌能和药一起吃吗？"),
        ("S", 12, "建议隔两个小时"),
        ("C", 14, "谢谢"),
        ("S", 15, "不客气～"),
    ),
    _talk(300, ("C", 0, "积分怎么换礼品呀"), ("S", 3, "小程序-我的-积分兑换"), ("C", 5, "找到了")),
    _talk(190, ("C", 0, "今天几点关门？"), ("C", 40, "人呢？")),
    _talk(150, ("C", 0, "尿不湿 L 码还有货吗？")),
    _talk(90, ("S", 0, "王姐早，您订的推车到了"), ("C", 4, "好，今天来取"), ("S", 5, "等您～")),
)
"""Oldest customers first; each talk belongs to the next of them."""
