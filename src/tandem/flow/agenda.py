"""What a worker does next: lanes in order, tenants in turn, bulk never starved. Pure: told what is ready, it answers one task."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tandem.flow.runs import Lane, Work

#: Every so many turns one belongs to the bulk lane, whatever else waits (ENGINE_RULES 5: at least 20 %).
BULK_EVERY = 5
#: A bulk or normal turn keeps to few buckets: longer runs of neighbouring rows, fewer counters to write.
BUCKETS_PER_TURN = 16


@dataclass(frozen=True, slots=True)
class Task:
    """A turn to run."""

    tenant: UUID
    lane: Lane
    buckets: tuple[int, ...]
    work: Work


@dataclass(slots=True)
class _Waiting:
    buckets: list[int]
    work: Work


_ORDER = (Lane.LIVE, Lane.NORMAL, Lane.BULK, Lane.SLOW)
_BULK_FIRST = (Lane.BULK, Lane.SLOW, Lane.LIVE, Lane.NORMAL)


@dataclass(slots=True)
class Agenda:
    """Ready buckets by lane and tenant. Tenants are served in turn within a lane."""

    lanes: dict[Lane, OrderedDict[UUID, _Waiting]] = field(
        default_factory=lambda: {lane: OrderedDict() for lane in Lane}
    )
    _turns: int = 0

    def add(self, tenant: UUID, lane: Lane, buckets: Iterable[int], work: Work) -> None:
        """More buckets of a tenant have work in a lane."""
        waiting = self.lanes[lane].setdefault(tenant, _Waiting([], work))
        known = set(waiting.buckets)
        waiting.buckets += [bucket for bucket in buckets if bucket not in known]
        waiting.work |= work

    def next(self) -> Task | None:
        """Take the next task, or None when nothing is ready."""
        self._turns += 1
        for lane in _BULK_FIRST if self._turns % BULK_EVERY == 0 else _ORDER:
            tenants = self.lanes[lane]
            if tenants:
                return self._take(lane, tenants)
        return None

    @staticmethod
    def _take(lane: Lane, tenants: OrderedDict[UUID, _Waiting]) -> Task:
        tenant, waiting = next(iter(tenants.items()))
        # A live turn takes all that is live at once: its batches are small.
        count = len(waiting.buckets) if lane is Lane.LIVE else BUCKETS_PER_TURN
        taken, rest = waiting.buckets[:count], waiting.buckets[count:]
        del tenants[tenant]
        if rest:
            tenants[tenant] = _Waiting(rest, waiting.work)
        return Task(tenant, lane, tuple(taken), waiting.work)

    def empty(self) -> bool:
        """Is nothing ready?"""
        return not any(self.lanes.values())

    def forget(self) -> None:
        """Drop everything: the buckets held have changed."""
        for tenants in self.lanes.values():
            tenants.clear()
