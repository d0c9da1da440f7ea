"""Two groups compared: the difference of their rates with its interval, and whether the numbers allow a word on it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from tandem.catalog.label import Label
from tandem.flow.results import wilson

_Z95: Final = 1.959963984540054
_Z80: Final = 0.8416212335729143
#: Stated power: a difference of this part of the rate (at least a point) should be seen in 80 of 100 cases.
POWER: Final = 0.8
WORTH_SEEING: Final = 0.2
POINT: Final = 0.01
_EACH_MIN: Final = 30
_EVENTS_MIN: Final = 5

Word = Literal["better", "worse", "none", "too_few"]


@dataclass(frozen=True, slots=True)
class Group:
    """People, and how many of them reached the goal."""

    entered: int
    converted: int

    @property
    def rate(self) -> float | None:
        """None while nobody has entered."""
        return self.converted / self.entered if self.entered else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` of the rates (first minus second) with its 95 % interval and p value; None without people on both sides.

    `visible` is the smallest difference that these numbers show with 80 % power; `needed` how many people each side must have to show one
    worth seeing. `gained`: conversions more than the second group's rate would have given.
    """

    difference: float | None
    interval: tuple[float, float] | None
    p: float | None
    visible: float | None
    needed: int | None
    gained: float | None
    word: Word
    said: Label


def compare(one: Group, other: Group, *, level: float = 0.05) -> Comparison:
    """Compare a group with another (the control group, the earlier version)."""
    if one.rate is None or other.rate is None:
        return Comparison(None, None, None, None, None, None, "too_few", _too_few(None))
    difference = one.rate - other.rate
    pooled = (one.converted + other.converted) / (one.entered + other.entered)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / one.entered + 1 / other.entered))
    p = 1.0 if spread == 0 else math.erfc(abs(difference) / spread / math.sqrt(2))
    visible = (_Z95 + _Z80) * spread
    worth = max(POINT, WORTH_SEEING * max(other.rate, pooled))
    needed = math.ceil(2 * (_Z95 + _Z80) ** 2 * max(pooled * (1 - pooled), 1e-4) / worth**2)
    word = _word(one, other, p, visible, worth, difference, level)
    return Comparison(
        difference,
        newcombe(one, other),
        p,
        visible,
        needed,
        difference * one.entered,
        word,
        _said(word, visible, needed),
    )


def newcombe(one: Group, other: Group) -> tuple[float, float] | None:
    """The 95 % interval of a difference of rates from the two Wilson intervals (Newcombe 1998, method 10)."""
    first, second = wilson(one.converted, one.entered), wilson(other.converted, other.entered)
    if first is None or second is None or one.rate is None or other.rate is None:
        return None
    difference = one.rate - other.rate
    low = difference - math.hypot(one.rate - first[0], second[1] - other.rate)
    high = difference + math.hypot(first[1] - one.rate, other.rate - second[0])
    return low, high


def _word(one: Group, other: Group, p: float, visible: float, worth: float, difference: float, level: float) -> Word:
    small = min(one.entered, other.entered) < _EACH_MIN or one.converted + other.converted < 2 * _EVENTS_MIN
    if small:
        return "too_few"
    if p < level:
        return "better" if difference > 0 else "worse"
    return "too_few" if visible > worth else "none"


def _said(word: Word, visible: float, needed: int) -> Label:
    match word:
        case "better":
            return Label("明显更好（95% 把握）", "Clearly better (at the 95 % level)")
        case "worse":
            return Label("明显更差（95% 把握）", "Clearly worse (at the 95 % level)")
        case "none":
            return Label(
                f"看不出值得一提的差别（能看出 {visible * 100:.1f} 个百分点以上的差别）",
                f"No difference worth naming (one of {visible * 100:.1f} points would show)",
            )
        case _:
            return _too_few(needed)


def _too_few(needed: int | None) -> Label:
    if needed is None:
        return Label("还没有人，无法比较", "Nobody yet: nothing to compare")
    return Label(
        f"人数还太少，说不准：每组约需 {needed} 人才能看出值得一提的差别（把握度 80%）",
        f"Too few to tell: about {needed} people each are needed to see a difference worth naming (power 80 %)",
    )
