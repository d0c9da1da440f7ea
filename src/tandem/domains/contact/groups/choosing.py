"""Which groups a code lets people into now. Pure: counts are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Reason = Literal["regular", "full", "nobody"]
AT_ONCE_MAX: Final = 5
"""How many groups a platform's code can name."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A group behind a code, with how many people are in it."""

    chat_id: str
    cap: int | None
    people: int
    active: bool

    def room(self, size_max: int) -> int:
        """How many more may come: the cap never lets in more than the platform does."""
        return min(self.cap or size_max, size_max) - self.people if self.active else 0


def choose(seats: Sequence[Seat], size_max: int) -> tuple[tuple[str, ...], Reason]:
    """The groups with room in their order, as many as a code can name. `full`: none has any; the last stays, since a code must lead
    somewhere, and the platform opens the next or sends people away. `nobody`: no group is left.
    """
    free = [one.chat_id for one in seats if one.room(size_max) > 0]
    if free:
        return tuple(free[:AT_ONCE_MAX]), "regular"
    there = [one.chat_id for one in seats if one.active]
    return tuple(there[-1:]), "full" if there else "nobody"
