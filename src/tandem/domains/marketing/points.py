"""The arithmetic of points: lots leave first by expiry, then by age (ENGINE_RULES 23). Pure; `ledger.py` does the same in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tandem.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that came together. `expires_at` None never expires; a lot is worthless from `expires_at` on."""

    id: UUID
    remaining: int
    earned_at: datetime
    expires_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether its points can still be spent at `now`."""
        return self.remaining > 0 and (self.expires_at is None or self.expires_at > now)


class InsufficientPoints(Conflict):
    """More points asked for than the customer has; nothing was taken."""

    def __init__(self, wanted: int, balance: int) -> None:
        super().__init__(
            "insufficient_points",
            f"积分不足：需要 {wanted}，现有 {balance}。",
            f"Not enough points: {wanted} wanted, {balance} available.",
        )


def balance(lots: Sequence[Lot], now: datetime) -> int:
    """What can be spent at `now`."""
    return sum(lot.remaining for lot in lots if lot.is_live(now))


def first_out(lots: Sequence[Lot], now: datetime) -> list[Lot]:
    """The live lots in the order they are spent: soonest expiry, never-expiring last; then oldest; then by id."""
    live = [lot for lot in lots if lot.is_live(now)]
    return sorted(live, key=lambda lot: (lot.expires_at is None, lot.expires_at or now, lot.earned_at, lot.id))


def spend(lots: Sequence[Lot], amount: int, now: datetime) -> list[tuple[UUID, int]]:
    """How much each lot gives, in order; the parts are positive and add up to `amount` (> 0).

    Raises InsufficientPoints when the live lots hold less.
    """
    available = balance(lots, now)
    if amount > available:
        raise InsufficientPoints(amount, available)
    taken: list[tuple[UUID, int]] = []
    for lot in first_out(lots, now):
        part = min(lot.remaining, amount)
        if part == 0:
            break
        taken.append((lot.id, part))
        amount -= part
    return taken


def after(lots: Sequence[Lot], taken: Sequence[tuple[UUID, int]]) -> list[Lot]:
    """The lots once `taken` has left them."""
    parts = dict(taken)
    return [replace(lot, remaining=lot.remaining - parts.get(lot.id, 0)) for lot in lots]


def expired(lots: Sequence[Lot], now: datetime) -> list[tuple[UUID, int]]:
    """What has expired by `now` and still stands in the lots."""
    return [(lot.id, lot.remaining) for lot in lots if lot.remaining > 0 and not lot.is_live(now)]
