"""Service hours: when somebody is there, how much of a stretch that was, and when so much of it will be over. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tandem.domains.contact.choosing import Hours

DAYS_MAX: Final = 62
"""A stretch longer than this counts as this long, and what is not over by then never is."""
_DAY: Final = timedelta(days=1)


def hours_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Hours, ...]:
    """Hours as they are stored: [{days: [1..7], from: "09:00", until: "21:00"}]."""
    return tuple(Hours(frozenset(one["days"]), _minute(one["from"]), _minute(one["until"])) for one in stored)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def within(hours: Sequence[Hours], at: datetime, zone: ZoneInfo) -> bool:
    """Whether somebody is there; without hours always."""
    return not hours or any(one.holds(at.astimezone(zone)) for one in hours)


def _stretches(hours: Sequence[Hours], since: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of service from a moment on, in order, none touching the one before."""
    if not hours:
        yield since, since + DAYS_MAX * _DAY
        return
    first = since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last: tuple[datetime, datetime] | None = None
    for number in range(-1, DAYS_MAX):
        day = first + number * _DAY
        opened = sorted(
            (
                day + timedelta(minutes=one.begin),
                day + timedelta(minutes=one.end + (0 if one.begin < one.end else 1440)),
            )
            for one in hours
            if day.isoweekday() in one.days
        )
        for begin, end in opened:
            if last is not None and begin <= last[1]:
                last = (last[0], max(last[1], end))
                continue
            if last is not None and last[1] > since:
                yield max(last[0], since), last[1]
            last = (begin, end)
    if last is not None and last[1] > since:
        yield max(last[0], since), last[1]


def served_seconds(hours: Sequence[Hours], since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """How much of a stretch was service."""
    total = timedelta()
    for begin, end in _stretches(hours, since, zone):
        if begin >= until:
            break
        total += min(end, until) - begin
    return int(total.total_seconds())


def served_until(hours: Sequence[Hours], since: datetime, minutes: int, zone: ZoneInfo) -> datetime | None:
    """When so many minutes of service will be over; None where that is too far away to matter."""
    left = timedelta(minutes=minutes)
    for begin, end in _stretches(hours, since, zone):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None
