"""What a column's values look like, for columns whose name says nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

SHARE_MIN: Final = 0.9
"""So many of a column's filled cells must look alike before it is taken for something."""
FILLED_MIN: Final = 2

_PHONE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_MONEY: Final = re.compile(r"[¥￥$]\s?-?[\d,]+(?:\.\d+)?|-?[\d,]+\.\d{2}(?:元)?")
_GENDER: Final = frozenset({"男", "女", "m", "f", "male", "female", "先生", "女士", "未知"})
_NAME: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_BORN_BEFORE: Final = date.today().year - 5  # noqa: DTZ011 - a hint for a column, checked by a person

Looks = Callable[[Sequence[str]], bool]


def _all(fits: Callable[[str], object]) -> Looks:
    def look(cells: Sequence[str]) -> bool:
        filled = [cell.strip() for cell in cells if cell.strip()]
        return len(filled) >= FILLED_MIN and sum(bool(fits(cell)) for cell in filled) >= SHARE_MIN * len(filled)

    return look


def _years(cells: Sequence[str]) -> list[int]:
    return [int(found[1]) for cell in cells if (found := _DAY.fullmatch(cell.strip()))]


def _born(cells: Sequence[str]) -> bool:
    years = _years(cells)
    return _all(_DAY.fullmatch)(cells) and sum(year <= _BORN_BEFORE for year in years) >= SHARE_MIN * len(years)


def _recent(cells: Sequence[str]) -> bool:
    return _all(_DAY.fullmatch)(cells) and not _born(cells)


_PERSON: Final[tuple[tuple[str, Looks], ...]] = (
    ("phone", _all(_PHONE.fullmatch)),
    ("email", _all(_EMAIL.fullmatch)),
)
LOOKS: Final[dict[str, tuple[tuple[str, Looks], ...]]] = {
    "customer": (
        *_PERSON,
        ("gender", _all(lambda cell: cell.lower() in _GENDER)),
        ("birthday", _born),
        ("name", _all(_NAME.fullmatch)),
    ),
    "order": (*_PERSON, ("placed_at", _recent), ("amount", _all(_MONEY.fullmatch))),
}
"""For each kind of file, fields in the order in which columns are looked through."""
