"""Who gets the next friend of a live code, and when that must be looked at again. Pure: time and counts are given.

The platform itself hands a code's friends to the advisers that we tell it. Where weights are equal it is told all of them and shares them
out by itself. Where they differ it is told one at a time: whoever is furthest behind her share of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Reason = Literal["regular", "backup", "nobody"]
MINUTES_OF_DAY: Final = 24 * 60
DAYS_AHEAD: Final = 8
AT_ONCE_MAX: Final = 100
"""How many advisers a platform's code can lead to."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Days (1 Monday to 7 Sunday) and minutes of the day; an end at or before the begin is on the next day."""

    days: frozenset[int]
    begin: int
    end: int

    def holds(self, local: datetime) -> bool:
        """Whether it is within these hours."""
        minute, day = local.hour * 60 + local.minute, local.isoweekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        before = 7 if day == 1 else day - 1
        return (day in self.days and minute >= self.begin) or (before in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Seat:
    """An adviser behind a code, and how many friends the code gave her today."""

    member: str
    weight: int = 1
    daily_cap: int | None = None
    backup: bool = False
    hours: tuple[Hours, ...] = ()
    active: bool = True
    today: int = 0

    def on_duty(self, local: datetime) -> bool:
        """Whether she works at this moment."""
        return self.active and (not self.hours or any(one.holds(local) for one in self.hours))

    @property
    def has_room(self) -> bool:
        """Whether her cap of the day leaves room."""
        return self.daily_cap is None or self.today < self.daily_cap


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is behind the code now, why, and when to look again (None: nothing changes by itself)."""

    members: tuple[str, ...]
    reason: Reason
    next_at: datetime | None


def choose(seats: Sequence[Seat], now: datetime, zone: ZoneInfo, *, single: bool = False) -> Choice:
    """The choice at a moment. `nobody`: nobody is free, so the code stays with all who are there: a code must lead to somebody."""
    local = now.astimezone(zone)
    free = [one for one in seats if not one.backup and one.on_duty(local) and one.has_room]
    reason: Reason = "regular"
    if not free:
        free, reason = [one for one in seats if one.backup and one.on_duty(local) and one.has_room], "backup"
    if not free:
        free, reason = (
            [one for one in seats if one.active and not one.backup] or [one for one in seats if one.active],
            "nobody",
        )
    members = _shared(free) if reason == "regular" else tuple(one.member for one in free)
    return Choice(members[: 1 if single else AT_ONCE_MAX], reason, _next(seats, local, zone))


def _shared(free: Sequence[Seat]) -> tuple[str, ...]:
    if len({one.weight for one in free}) == 1:
        return tuple(one.member for one in free)
    # Counting the friend to come: otherwise all begin the day at nothing and the first seat would go before the heaviest.
    return (min(free, key=lambda one: (one.today + 1) / one.weight).member,)


def _next(seats: Sequence[Seat], local: datetime, zone: ZoneInfo) -> datetime | None:
    """The nearest moment at which somebody begins or ends, or a day's counts begin anew."""
    marks = set(_marks(one for seat in seats for one in seat.hours))
    if any(seat.daily_cap is not None or seat.weight != seats[0].weight for seat in seats):
        marks.update((day, 0) for day in range(1, 8))
    for ahead in range(DAYS_AHEAD):
        day = (local + timedelta(days=ahead)).date()
        moments = [
            datetime.combine(day, time(minute // 60, minute % 60), zone)
            for weekday, minute in marks
            if weekday == day.isoweekday()
        ]
        later = [one for one in moments if one > local]
        if later:
            return min(later)
    return None


def _marks(hours: Iterable[Hours]) -> Iterable[tuple[int, int]]:
    for one in hours:
        for day in one.days:
            yield day, one.begin % MINUTES_OF_DAY
            after = day if one.begin < one.end < MINUTES_OF_DAY else day % 7 + 1
            yield after, one.end % MINUTES_OF_DAY


def hours_of(given: Iterable[dict[str, object]]) -> tuple[Hours, ...]:
    """Hours as they are stored: days and `HH:MM`. Raises ValueError for what is none."""
    return tuple(
        Hours(frozenset(_days(one.get("days"))), minutes(str(one.get("from"))), minutes(str(one.get("until"))))
        for one in given
    )


def _days(given: object) -> list[int]:
    if not isinstance(given, list | tuple):
        raise TypeError("days is a list")
    return [int(one) for one in given]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def minutes(text: str) -> int:
    """Minutes of the day of `HH:MM`; `24:00` is the day's end. Raises ValueError."""
    hour, colon, minute = text.partition(":")
    found = int(hour) * 60 + int(minute)
    if not colon or len(hour) != 2 or len(minute) != 2 or not 0 <= found <= MINUTES_OF_DAY or int(minute) > 59:
        raise ValueError(f"no time of day: {text}")
    return found
