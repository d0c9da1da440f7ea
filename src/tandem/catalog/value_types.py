"""The static types of the expression language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.catalog.label import Label


@dataclass(frozen=True, slots=True)
class Type:
    """One static type; `item` is set for lists only."""

    name: str
    item: Type | None = None

    def __str__(self) -> str:
        return f"list[{self.item}]" if self.item else self.name

    @property
    def label(self) -> Label:
        if self.item:
            return Label(f"{self.item.label.zh}列表", f"list of {self.item.label.en}")
        return _LABELS[self.name]


NUMBER: Final = Type("number")
TEXT: Final = Type("text")
BOOL: Final = Type("bool")
DATE: Final = Type("date")
TIMESTAMP: Final = Type("timestamp")
DURATION: Final = Type("duration")
TIERS: Final = Type("tiers")
# A place on the earth: (longitude, latitude) in degrees.
POINT: Final = Type("point")
NULL: Final = Type("null")
# A place where something was wrong already; anything fits, so that one mistake gives one message.
UNKNOWN: Final = Type("unknown")
# Stand for "the same type at every place" in a function's signature.
SAME: Final = Type("same")
SAME_ORDERED: Final = Type("same_ordered")

_LABELS: Final = {
    "number": Label("数字", "number"),
    "text": Label("文本", "text"),
    "bool": Label("真假值", "true/false"),
    "date": Label("日期", "date"),
    "timestamp": Label("时间", "time"),
    "duration": Label("时长", "duration"),
    "tiers": Label("档位表", "tier table"),
    "point": Label("地点", "point"),
    "null": Label("空值", "missing value"),
    "unknown": Label("未知", "unknown"),
    "same": Label("任意类型", "any type"),
    "same_ordered": Label("可比较的类型", "a type with an order"),
}

ORDERED: Final = frozenset({NUMBER, TEXT, DATE, TIMESTAMP, DURATION})

# Operators offered per type, for the builder; the checker holds the same rules.
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("=", "!=", "<", "<=", ">", ">=", "between", "in", "not in", "is missing", "is not missing"),
    "text": ("=", "!=", "in", "not in", "contains", "starts with", "ends with", "is missing", "is not missing"),
    "bool": ("=", "!=", "is missing", "is not missing"),
    "date": ("=", "!=", "<", "<=", ">", ">=", "between", "is missing", "is not missing"),
    "timestamp": ("<", "<=", ">", ">=", "between", "is missing", "is not missing"),
    "duration": ("<", "<=", ">", ">=", "between", "is missing", "is not missing"),
    "point": ("is missing", "is not missing"),
    "list": ("contains", "is missing", "is not missing"),
}


def list_of(item: Type) -> Type:
    return Type("list", item)
