"""Whether the desk says something, and what: never to its own or staff's words, never where a person has taken over. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.attending.hours import hours_of, within
from tandem.domains.contact.attending.matching import Verdict

FRESH: Final = timedelta(minutes=30)
"""What was written longer ago is not answered any more: a person should look at it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """How a desk serves."""

    id: UUID
    active: bool
    answers: str
    hours: list[Any]
    threshold: float
    polite: str
    alarm_minutes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the desk says. `why` is a word of `attending.why.*` on screens; without `text` it says nothing."""

    why: str
    article: UUID | None = None
    asks_person: bool = False
    polite: bool = False


def plan(
    desk: Desk,
    *,
    state: str,
    kind: str,
    at: datetime,
    now: datetime,
    live: bool,
    zone: ZoneInfo,
    judge: Callable[[], Verdict],
) -> Plan:
    """What to say to a customer's message. `judge` is only asked where something may be said."""
    silent = _silent(desk, state, at, now, live=live, zone=zone)
    if silent is not None:
        return Plan(silent)
    if kind != "text":
        return Plan("not_text", asks_person=True, polite=True)
    found = judge()
    if found.match is not None:
        return Plan("sure", article=found.match.id)
    return Plan(found.why, asks_person=True, polite=True)


def _silent(desk: Desk, state: str, at: datetime, now: datetime, *, live: bool, zone: ZoneInfo) -> str | None:
    """Why the desk says nothing, if it does not."""
    if not desk.active:
        return "off"
    if state != "open":
        return state
    if not live or now - at > FRESH:
        return "late"
    served = bool(desk.hours) and within(hours_of(desk.hours), at, zone)
    return "in_hours" if desk.answers == "out_of_hours" and served else None
