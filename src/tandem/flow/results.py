"""What came of a flow, in numbers: counts per block and port, conversions per arm, and what may be said of the difference.

The verdict is pure; the counts are sums over per-bucket rows, made when somebody looks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tandem.catalog.label import Label

#: Fewer conversions (or fewer left over) than this in an arm, and a normal approximation says nothing.
_EVENTS_MIN = 5
_ENTERED_MIN = 30
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class ArmCount:
    """Runs that took an arm, and how many of them reached the goal."""

    name: str
    label: Label
    entered: int
    converted: int

    @property
    def rate(self) -> float | None:
        """Converted by entered; None while nobody has entered."""
        return self.converted / self.entered if self.entered else None


@dataclass(slots=True)
class BlockCount:
    """One block: runs that came to it, stand at it, failed at it, and took each of its ports."""

    entered: int = 0
    inside: int = 0
    failed: int = 0
    ports: dict[str, int] = field(default_factory=dict[str, int])


def wilson(converted: int, entered: int) -> tuple[float, float] | None:
    """The 95 % interval of a rate (Wilson 1927), which stays within 0 and 1 for small counts. None while nobody has entered."""
    if entered == 0:
        return None
    rate, square = converted / entered, _Z95 * _Z95
    middle = (rate + square / (2 * entered)) / (1 + square / entered)
    half = _Z95 * math.sqrt(rate * (1 - rate) / entered + square / (4 * entered * entered)) / (1 + square / entered)
    return max(0.0, middle - half), min(1.0, middle + half)


def verdict(arms: Sequence[ArmCount]) -> Label | None:
    """What the arms' counts allow to say; None when there is nothing to compare.

    The best arm is compared with each other one by a two-proportion z-test, the level divided by the number of comparisons (Bonferroni).
    """
    if len(arms) < 2:
        return None
    if any(_too_few(arm) for arm in arms):
        return Label(
            "人数或达成数还太少，看不出差别。",
            "Too few to tell yet: each arm needs more people and more conversions.",
        )
    best = max(arms, key=lambda arm: arm.rate or 0)
    others = [arm for arm in arms if arm is not best]
    level = 0.05 / len(others)
    if all(_p_value(best, other) < level for other in others):
        return Label(
            f"“{best.label.zh}”明显更好（95% 把握）。",
            f"“{best.label.en}” is clearly better (at the 95 % level).",
        )
    return Label("目前的差别可能只是偶然。", "The difference so far may be chance.")


def _too_few(arm: ArmCount) -> bool:
    return arm.entered < _ENTERED_MIN or min(arm.converted, arm.entered - arm.converted) < _EVENTS_MIN


def _p_value(one: ArmCount, other: ArmCount) -> float:
    pooled = (one.converted + other.converted) / (one.entered + other.entered)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / one.entered + 1 / other.entered))
    if spread == 0:
        return 1.0
    distance = abs(one.converted / one.entered - other.converted / other.entered) / spread
    return math.erfc(distance / math.sqrt(2))


def port_counts(
    rows: Sequence[tuple[int, int, int]], names: Mapping[int, tuple[str, Sequence[str]]]
) -> dict[str, BlockCount]:
    """Counts per block from (block number, port, n). `names`: block number -> (block id, its ports' names).

    Ports below zero are ways of leaving; a failure and its retry leave the run where it is and are no passage.
    """
    from tandem.flow.runs import Leaving

    standing = {int(Leaving.FAILED), int(Leaving.RETRIED)}
    found: dict[str, BlockCount] = {}
    for number, port, n in rows:
        if number not in names or port in standing:
            continue
        block, ports = names[number]
        count = found.setdefault(block, BlockCount())
        count.entered += n
        if 0 <= port < len(ports):
            count.ports[ports[port]] = count.ports.get(ports[port], 0) + n
    return found
