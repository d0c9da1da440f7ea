"""A job's round over tenants: one tenant's failure is logged and its own, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

import structlog

from tandem.kernel.errors import Unavailable

log = structlog.get_logger("tandem.jobs")

PAUSE_FIRST_SECONDS: Final = 0.5
PAUSE_MAX_SECONDS: Final = 60.0


class Rounds:
    """Goes round the tenants of one job. A tenant that failed is passed over for a while, longer each time it fails again.

    Lives as long as its process; pauses are kept in memory only. `clock` gives seconds of a clock that never goes back.
    """

    def __init__(self, job: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._job = job
        self._clock = clock
        self._paused: dict[UUID, tuple[float, float]] = {}

    def each(self, tenants: Iterable[UUID], work: Callable[[UUID], int]) -> int:
        """Call `work` for every tenant that is not paused; returns the sum of its answers.

        Raises Unavailable when the database does not answer: that is no tenant's fault, and the next one would fare no better.
        """
        done = 0
        for tenant in tenants:
            until, pause = self._paused.get(tenant, (0.0, PAUSE_FIRST_SECONDS))
            if self._clock() < until:
                continue
            try:
                done += work(tenant)
            except Unavailable:
                raise
            except Exception:  # the edge of a tenant: whatever its data made raise must not stop the others
                self._paused[tenant] = (self._clock() + pause, min(2 * pause, PAUSE_MAX_SECONDS))
                log.exception("job_failed", job=self._job, tenant=str(tenant), pause_seconds=pause)
            else:
                self._paused.pop(tenant, None)
        return done
