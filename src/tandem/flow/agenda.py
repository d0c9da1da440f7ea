"""What a worker does next: lanes in order, tenants in turn, bulk never starved. Pure: told what is ready, it answers one task."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tandem.flow.runs import Lane

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


@dataclass(slots=True)
class Agenda:
    """Ready buckets by lane and tenant. Tenants are served in turn within a lane."""

    lanes: dict[Lane, OrderedDict[UUID, list[int]]] = field(
        default_factory=lambda: {lane: OrderedDict() for lane in Lane}
    )
    _turns: int = 0

    def add(self, tenant: UUID, lane: Lane, buckets: Iterable[int]) -> None:
        """More buckets of a tenant have work in a lane."""
        # The slow lane is served within bulk turns.
        waiting = self.lanes[Lane.BULK if lane is Lane.SLOW else lane].setdefault(tenant, [])
        known = set(waiting)
        waiting += [bucket for bucket in buckets if bucket not in known]

    def next(self) -> Task | None:
        """Take the next task, or None when nothing is ready."""
        self._turns += 1
        order = [Lane.LIVE, Lane.NORMAL, Lane.BULK]
        if self._turns % BULK_EVERY == 0:
            order = [Lane.BULK, Lane.LIVE, Lane.NORMAL]
        for lane in order:
            tenants = self.lanes[lane]
            if tenants:
                return self._take(lane, tenants)
        return None

    @staticmethod
    def _take(lane: Lane, tenants: OrderedDict[UUID, list[int]]) -> Task:
        tenant, waiting = next(iter(tenants.items()))
        # A live turn takes all that is live at once: its batches are small.
        count = len(waiting) if lane is Lane.LIVE else BUCKETS_PER_TURN
        taken, rest = waiting[:count], waiting[count:]
        del tenants[tenant]
        if rest:
            tenants[tenant] = rest
        return Task(tenant, lane, tuple(taken))

    def empty(self) -> bool:
        """Is nothing ready?"""
        return not any(self.lanes.values())

    def forget(self) -> None:
        """Drop everything: the buckets held have changed."""
        for tenants in self.lanes.values():
            tenants.clear()
