"""What a lead is worth and who gets it. Pure: the projection brings what is known, and writes what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

Assign = Literal["load", "turns", "hand"]
State = Literal["new", "assigned", "contacted", "won", "lost"]
OPEN: Final = ("new", "assigned", "contacted")
#: What each sign adds to a score; asking again adds up to three times. 100 is the most.
POINTS: Final[Mapping[str, int]] = {
    "base": 20,
    "subject": 20,
    "campaign": 10,
    "friend": 20,
    "bought": 20,
    "again": 10,
}
AGAIN_MAX: Final = 3
REMINDERS_MAX: Final = 3
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a tenant keeps its leads: the defaults until somebody says otherwise."""

    assign: Assign = "load"
    same_days: int = 7
    remind_minutes: int = 30
    win_days: int = 30


@dataclass(slots=True)
class Seat:
    """A member of staff who gets leads: her open ones, and when she got the last."""

    user_id: UUID
    store_id: UUID | None
    load: int
    got_at: datetime | None


def worth(*, subject: str, campaign: str, friend: bool, bought: bool, times: int) -> tuple[int, dict[str, int]]:
    """A lead's score and what made it."""
    signs = {
        "base": True,
        "subject": bool(subject),
        "campaign": bool(campaign),
        "friend": friend,
        "bought": bought,
    }
    reasons = {sign: POINTS[sign] for sign, there in signs.items() if there}
    again = min(times - 1, AGAIN_MAX)
    if again > 0:
        reasons["again"] = again * POINTS["again"]
    return min(100, sum(reasons.values())), reasons


def chosen(seats: Iterable[Seat], rule: Rule, *, store: UUID | None, owner: UUID | None, at: datetime) -> UUID | None:
    """Who gets the next lead: whose customer she is already; else somebody of her store, else of no store; the least busy, or in turns.

    The seat chosen is written to: the next choice of a batch knows of it. None: nobody, a person assigns it.
    """
    every = list(seats)
    mine = next((one for one in every if one.user_id == owner), None)
    if mine is None and rule.assign != "hand":
        near = [one for one in every if store is not None and one.store_id == store]
        fitting = near or [one for one in every if one.store_id is None]
        busy = rule.assign == "load"
        mine = min(
            fitting,
            key=lambda one: (one.load if busy else 0, one.got_at or LONG_AGO, one.user_id),
            default=None,
        )
    if mine is None:
        return None
    mine.load += 1
    mine.got_at = at
    return mine.user_id


def due_again(at: datetime, rule: Rule, reminded: int) -> datetime | None:
    """When an owner is reminded next: each time after twice as long, three times at most."""
    if reminded >= REMINDERS_MAX:
        return None
    return at + timedelta(minutes=rule.remind_minutes * 2**reminded)
