"""How far claims have come, so that they need not walk over what was taken before (docs/decisions/0110-claims-know-how-far-they-came.md).

While somebody holds an old snapshot (a backup), rows that were taken stay in the timer index, and a claim from its start walks over
all of them. Once claims of a lane are slow, they begin after the last row taken, and look at the beginning only now and then.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tandem.flow.runs import Lane

#: Claims that take longer so often in a row walk over something; a single one has only waited for a core.
SLOW_SECONDS: Final = 0.008
SLOW_CLAIMS: Final = 3
#: The beginning is looked at this often, and never for more than so large a part of the time.
SWEEP_SECONDS: Final = 1.0
SWEEP_PART: Final = 0.05
#: What happens live is never kept waiting for a sweep; its lane holds few rows.
LANES: Final = frozenset({Lane.NORMAL, Lane.BULK})

Place = tuple[datetime, UUID]
BEGINNING: Final[Place] = datetime(1, 1, 2, tzinfo=UTC), UUID(int=0)


@dataclass(slots=True)
class _Lane:
    sweep_at: float
    first: int = 0
    """The bucket at which the next sweep begins: the last one met its limit before it came there."""
    places: dict[int, Place] = field(default_factory=dict[int, Place])
    sweeps: dict[int, float] = field(default_factory=dict[int, float])
    """When the beginning of a bucket is looked at next, where that is another time than the lane's: turns serve a part of the buckets."""

    def is_due(self, bucket: int, now: float) -> bool:
        return now >= self.sweeps.get(bucket, self.sweep_at)


@dataclass(slots=True)
class Marks:
    """A worker's memory of the lanes whose claims are slow: how far each bucket's claims have come. Forgetting it costs time only."""

    clock: Callable[[], float] = time.monotonic
    _lanes: dict[tuple[UUID, Lane], _Lane] = field(default_factory=dict[tuple[UUID, Lane], _Lane])
    _slow: dict[tuple[UUID, Lane], int] = field(default_factory=dict[tuple[UUID, Lane], int])

    def knows(self, tenant: UUID, lane: Lane) -> bool:
        """Whether claims of a lane are slow, so that how far they came is remembered."""
        return (tenant, lane) in self._lanes

    def places(self, tenant: UUID, lane: Lane, buckets: Sequence[int]) -> list[Place | None] | None:
        """After which row to begin in each bucket (None: at the beginning); None when the claim is to begin there in all of them."""
        known = self._lanes.get((tenant, lane))
        now = self.clock()
        if known is None or any(known.is_due(bucket, now) for bucket in buckets):
            return None
        return [known.places.get(bucket) for bucket in buckets]

    def swept(self, tenant: UUID, lane: Lane, seconds: float, buckets: Sequence[int] = ()) -> None:
        """A claim from the beginning took so long (of these buckets; none given: of all)."""
        if lane not in LANES or seconds < SLOW_SECONDS:
            self._lanes.pop((tenant, lane), None)
            self._slow.pop((tenant, lane), None)
            return
        times = self._slow[tenant, lane] = self._slow.get((tenant, lane), 0) + 1
        if times < SLOW_CLAIMS:
            return
        known = self._lanes.setdefault((tenant, lane), _Lane(math.inf))
        # Each part of the buckets is looked at by itself; together they may take no more than one look at all of them.
        parts = len({*known.places, *known.sweeps, *buckets}) / len(buckets) if buckets else 1.0
        at = self.clock() + max(SWEEP_SECONDS, seconds * parts / SWEEP_PART)
        if buckets and known.sweep_at < math.inf:
            known.sweeps |= dict.fromkeys(buckets, at)
        else:
            known.sweep_at = at
            known.sweeps.clear()

    def order(self, tenant: UUID, lane: Lane, buckets: Sequence[int]) -> list[int]:
        """The buckets in the order in which a sweep asks them: those first to which the last one did not come."""
        known = self._lanes.get((tenant, lane))
        first = 0 if known is None or known.first not in buckets else list(buckets).index(known.first)
        return [*buckets[first:], *buckets[:first]]

    def ended(self, tenant: UUID, lane: Lane, beyond: int | None) -> None:
        """A sweep met its limit before it came to the bucket `beyond` (None: it came to all): the next one begins there, and soon."""
        known = self._lanes.get((tenant, lane))
        if known is not None:
            known.first = 0 if beyond is None else beyond
            if beyond is not None:
                soon = self.clock() + SWEEP_SECONDS
                known.sweeps[beyond] = min(known.sweeps.get(beyond, known.sweep_at), soon)

    def looked(self, tenant: UUID, lane: Lane, places: Iterable[tuple[int, datetime, UUID]]) -> None:
        """The last row that a sweep took of each bucket that may hold more: where it lies before the mark, the next claim sweeps too."""
        known = self._lanes.get((tenant, lane))
        if known is not None:
            behind = [bucket for bucket, at, run in places if (at, run) < known.places.get(bucket, (at, run))]
            known.sweeps |= dict.fromkeys(behind, self.clock())

    def reached(self, tenant: UUID, lane: Lane, places: Iterable[tuple[int, datetime, UUID]]) -> None:
        """The last row taken of each bucket; where a farther one is known, that holds."""
        known = self._lanes.get((tenant, lane))
        if known is not None:
            for bucket, at, run in places:
                known.places[bucket] = max(known.places.get(bucket, (at, run)), (at, run))

    def known(self) -> list[tuple[UUID, Lane, dict[int, Place]]]:
        """The lanes whose claims begin at marks, in order, with these by bucket."""
        return [(tenant, lane, self._lanes[tenant, lane].places) for tenant, lane in sorted(self._lanes)]

    def due(self, held: Sequence[int]) -> list[tuple[UUID, Lane, list[int]]]:
        """Lanes and buckets whose beginning is to be looked at now: what lies before their marks is seen by nobody else."""
        now = self.clock()
        asked = [(*key, [one for one in held if known.is_due(one, now)]) for key, known in self._lanes.items()]
        return [one for one in asked if one[2]]

    def forget(self, tenant: UUID) -> None:
        """A turn came to nothing: what it took is there again."""
        for key in [one for one in self._lanes if one[0] == tenant]:
            del self._lanes[key]
