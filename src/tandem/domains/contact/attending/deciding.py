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


ASKS_PERSON: Final = "person"
"""The line of a menu by which a customer asks for a person; the others are articles' ids."""


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
    offers: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What the desk says: an article's answer, its polite words, or a menu of articles. `why` is a word of `attending.why.*` on screens."""

    why: str
    article: UUID | None = None
    asks_person: bool = False
    polite: bool = False
    offer: tuple[UUID, ...] = ()


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
    offered: bool = False,
    choice: str = "",
) -> Plan:
    """What to say to a customer's message. `judge` is only asked where something may be said.

    `choice`: which line of a menu she touched. A menu is offered once: whoever writes on behind it gets a person.
    """
    silent = _silent(desk, state, at, now, live=live, zone=zone)
    if silent is not None:
        return Plan(silent)
    if choice == ASKS_PERSON:
        return Plan("chose_person", asks_person=True, polite=True)
    if kind != "text":
        return Plan("not_text", asks_person=True, polite=True)
    found = judge()
    if found.match is not None:
        return Plan(found.why, article=found.match.id)
    if found.near and desk.offers and not offered:
        return Plan(found.why, offer=found.near)
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
