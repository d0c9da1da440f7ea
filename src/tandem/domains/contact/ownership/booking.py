"""What is to be added to an order's credits so that they add up to what the order is worth. Pure.

Credits are entries that are never changed. For each order the entries that exist are held against what has happened to it; what is missing
is added: a sale, a taking back for each refund, a cancellation, and a correction where the order itself or its advisers became others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

Cause = Literal["sale", "refund", "cancel", "correction", "dispute"]
Shares = Sequence[tuple[UUID, int]]
Cents = dict[UUID, int]
_CANCEL: Final = ("cancel", None)
Key = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back, in minor units."""

    id: UUID
    at: datetime
    cents: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as it stands. `rate` turns its minor units into the tenant's; None: there is none yet."""

    paid_at: datetime
    cents: int
    refunds: Sequence[Refund]
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One credit: so much more (or less) for an adviser."""

    user_id: UUID
    cause: Cause
    cause_id: UUID | None
    at: datetime
    cents: int


def split(cents: int, shares: Shares) -> Cents:
    """So many minor units among these shares: largest remainder, ties to the earlier one; they add up exactly."""
    whole = sum(bp for _, bp in shares)
    if whole <= 0:
        return {}
    exact = [(cents * bp // whole, cents * bp % whole) for _, bp in shares]
    missing = cents - sum(floor for floor, _ in exact)
    first = sorted(range(len(shares)), key=lambda at: (-exact[at][1], at))[:missing]
    return {user: exact[at][0] + (at in first) for at, (user, _) in enumerate(shares)}


def missing_entries(order: Standing, shares: Shares, booked: Mapping[Key, Cents], *, correction: Cause = "correction", correction_id: UUID | None = None) -> list[Entry]:  # fmt: skip
    """What to add to what is booked, by what it was booked for. The sums of both are what `split` makes of the order's worth.

    What was never credited to anybody has nothing to be taken back: an order of nobody's has no entries.
    """
    now: Cents = {}
    for part in booked.values():
        for user, cents in part.items():
            now[user] = now.get(user, 0) + cents
    entries: list[Entry] = []
    worth, steps = _steps(order, frozenset(booked))

    def reach(target: int, cause: Cause, cause_id: UUID | None, at: datetime) -> None:
        wanted = split(target, shares)
        for user in list(dict.fromkeys([*wanted, *now])):
            more = wanted.get(user, 0) - now.get(user, 0)
            if more:
                entries.append(Entry(user, cause, cause_id, at, more))
                now[user] = wanted.get(user, 0)

    if booked:
        reach(worth, correction, correction_id, order.paid_at)
    for cause, cause_id, at, change in steps:
        worth += change
        reach(worth, cause, cause_id, at)
    return entries


def _steps(order: Standing, booked: frozenset[Key]) -> tuple[int, list[tuple[Cause, UUID | None, datetime, int]]]:
    """What the order is worth by what is booked already, and what happened since, in order, each with what it changes."""
    worth = order.cents if booked else 0
    new: list[tuple[Cause, UUID | None, datetime, int]] = []
    if not booked:
        new.append(("sale", None, order.paid_at, order.cents))
    left = order.cents
    for one in sorted(order.refunds, key=lambda one: (("refund", one.id) not in booked, one.at, one.id)):
        # More than the order brought cannot be taken back.
        taken = min(one.cents, left)
        left -= taken
        if ("refund", one.id) in booked:
            worth -= taken
        else:
            new.append(("refund", one.id, one.at, -taken))
    if order.cancelled_at is not None:
        if _CANCEL in booked:
            # What comes after a cancellation was taken back by it.
            worth = 0
            new = [(cause, key, at, 0) for cause, key, at, _ in new]
        else:
            new.append(("cancel", None, order.cancelled_at, -left))
    return worth, new


def open_period(at: date, closed: frozenset[date]) -> date:
    """The month of a day, or the next one after it that is not closed."""
    period = at.replace(day=1)
    while period in closed:
        period = next_month(period)
    return period


def next_month(period: date) -> date:
    """The first of the month after."""
    return date(period.year + period.month // 12, period.month % 12 + 1, 1)


def together(entries: Iterable[Entry], home: Iterable[Entry]) -> list[tuple[Entry, int | None]]:
    """Entries in the order's currency with what they are in the tenant's; one that changes only the latter has none of the former."""
    worth = {(one.user_id, one.cause, one.cause_id): one for one in home}
    found: list[tuple[Entry, int | None]] = []
    for one in entries:
        same = worth.pop((one.user_id, one.cause, one.cause_id), None)
        found.append((one, 0 if same is None else same.cents))
    found += [(Entry(one.user_id, one.cause, one.cause_id, one.at, 0), one.cents) for one in worth.values()]
    return found
