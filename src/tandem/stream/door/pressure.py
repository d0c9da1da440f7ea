"""Whether a tenant's backlog lets more in. Past a limit the door says 429 and when to come back, instead of taking what it cannot digest.

Each tenant is judged by its own backlog alone, so one that floods the door closes it for itself and for nobody else. Files and history
(`mode` backfill) go by the bulk lane and are not held up by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Throttled
from tandem.kernel.ids import BUCKETS
from tandem.stream.events import LANE_LIVE

PENDING_MAX: Final = 50_000
"""Received envelopes that are not resolved yet."""
INBOX_MAX: Final = 100_000
"""Live events that are not applied yet."""
LOOKED_AT_SECONDS: Final = 2.0
RETRY_SECONDS_MAX: Final = 60
DIGESTED_PER_SECOND: Final = 2_000
"""What a worker surely gets through: from the excess follows when to come back."""
_ALL_BUCKETS: Final = list(range(BUCKETS))
_COUNT: Final = """
select (select count(*) from (select from intake_pending where tenant_id = %(tenant)s limit %(pending)s) p)::int as pending,
  (select count(*) from (select from inbox where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and lane = %(live)s
                         limit %(inbox)s) i)::int as inbox
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a tenant, each counted up to twice its limit."""

    pending: int
    inbox: int


def backlog(tx: Tx) -> Backlog:
    """Count what waits for the transaction's tenant."""
    params = {
        "tenant": tx.tenant_id,
        "buckets": _ALL_BUCKETS,
        "live": LANE_LIVE,
        "pending": 2 * PENDING_MAX,
        "inbox": 2 * INBOX_MAX,
    }
    return tx.one(Backlog, _COUNT, params)


def retry_after(found: Backlog, *, pending_max: int = PENDING_MAX, inbox_max: int = INBOX_MAX) -> int:
    """Seconds until the sender should come back; 0 when there is room."""
    excess = max(found.pending - pending_max, found.inbox - inbox_max)
    return 0 if excess < 0 else min(RETRY_SECONDS_MAX, 1 + excess // DIGESTED_PER_SECOND)


class Pressure:
    """What one process knows of the tenants' backlogs, looked at again every `LOOKED_AT_SECONDS`."""

    def __init__(
        self, *, pending_max: int = PENDING_MAX, inbox_max: int = INBOX_MAX, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.pending_max = pending_max
        self.inbox_max = inbox_max
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[UUID, tuple[float, int]] = {}

    def check(self, db: Database, tenant: UUID) -> None:
        """Raise Throttled while the tenant's backlog is past a limit."""
        if self.is_due(tenant):
            self.look(db, tenant)
        self.hold(tenant)

    def is_due(self, tenant: UUID) -> bool:
        """Whether whoever asks is to `look` first. Others go by what was known while that one looks."""
        now = self._clock()
        with self._lock:
            until, wait = self._known.get(tenant, (0.0, 0))
            if now < until:
                return False
            self._known[tenant] = (now + LOOKED_AT_SECONDS, wait)
        return True

    def is_open(self, tenant: UUID) -> bool:
        """Whether the last look is not due again, and found room."""
        until, wait = self._known.get(tenant, (0.0, 0))
        return not wait and self._clock() < until

    def look(self, db: Database, tenant: UUID) -> None:
        """Count what waits for the tenant."""
        now = self._clock()
        with db.tx("door", tenant=tenant) as tx:
            wait = retry_after(backlog(tx), pending_max=self.pending_max, inbox_max=self.inbox_max)
        with self._lock:
            self._known[tenant] = (now + LOOKED_AT_SECONDS, wait)

    def hold(self, tenant: UUID) -> None:
        """Raise Throttled where the last look found too much."""
        _, wait = self._known.get(tenant, (0.0, 0))
        if wait:
            raise Throttled(
                "backlog",
                f"数据积压，暂停接收，请 {wait} 秒后重发。",
                f"Too much is waiting to be worked on; send again in {wait} seconds.",
                retry_after_seconds=wait,
            )


PRESSURE: Final = Pressure()
"""The process's own."""
