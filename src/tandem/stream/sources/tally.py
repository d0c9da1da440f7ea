"""Counting what leaves no row anywhere else: calls refused at the door, and how late records are when their envelope is opened.

Kept in memory and written every few seconds, each process to rows of its own, so that nobody waits for a counter. What a process had
not written when it was killed is missing from the charts and from nothing else.
"""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import psycopg
import structlog

from tandem.kernel.db import Database
from tandem.kernel.errors import Unavailable
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

log = structlog.get_logger(__name__)

FLUSH_SECONDS: Final = 5.0
KEYS_MAX: Final = 10_000
"""Sources and minutes counted between two writes; what is beyond is not counted."""


@dataclass(slots=True)
class Counts:
    """What one process saw of one source in one minute since it last wrote."""

    unverified: int = 0
    throttled: int = 0
    refused: int = 0
    records: int = 0
    lag_seconds_sum: int = 0
    lag_seconds_max: int = 0


_lock: Final = threading.Lock()
_counts: Final[dict[tuple[UUID, str, datetime], Counts]] = {}
_writer: Final = new_id()
_last_flush = 0.0


def note(tenant: UUID, source: str, *, unverified: int = 0, throttled: int = 0, refused: int = 0) -> None:
    """Count calls that were turned away."""
    with _lock:
        counts = _of(tenant, source)
        counts.unverified += unverified
        counts.throttled += throttled
        counts.refused += refused


def late(tenant: UUID, source: str, seconds: float) -> None:
    """Count a record that came so long after it happened."""
    lag = max(0, min(round(seconds), 10**9))
    with _lock:
        counts = _of(tenant, source)
        counts.records += 1
        counts.lag_seconds_sum += lag
        counts.lag_seconds_max = max(counts.lag_seconds_max, lag)


def _of(tenant: UUID, source: str) -> Counts:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    key = (tenant, source, minute)
    if key not in _counts and len(_counts) >= KEYS_MAX:
        return Counts()
    return _counts.setdefault(key, Counts())


_WRITE: Final = """
insert into intake_tally as t (tenant_id, minute, source, writer, unverified, throttled, refused, records, lag_seconds_sum, lag_seconds_max)
select %(tenant)s, r.minute, r.source, %(writer)s, r.unverified, r.throttled, r.refused, r.records, r.lag_seconds_sum, r.lag_seconds_max
from jsonb_to_recordset(%(rows)s::jsonb) as r(minute timestamptz, source text, unverified int, throttled int, refused int, records int,
  lag_seconds_sum bigint, lag_seconds_max int)
on conflict (tenant_id, minute, source, writer) do update set unverified = t.unverified + excluded.unverified,
  throttled = t.throttled + excluded.throttled, refused = t.refused + excluded.refused, records = t.records + excluded.records,
  lag_seconds_sum = t.lag_seconds_sum + excluded.lag_seconds_sum, lag_seconds_max = greatest(t.lag_seconds_max, excluded.lag_seconds_max)
"""


def flush(db: Database) -> int:
    """Write what was counted since the last time; returns how many rows. Counts that cannot be written are given up."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    tenants: dict[UUID, list[dict[str, object]]] = {}
    for (tenant, source, minute), counts in taken.items():
        tenants.setdefault(tenant, []).append({"source": source, "minute": minute, **asdict(counts)})
    written = 0
    for tenant, rows in tenants.items():
        try:
            with db.tx("door", tenant=tenant) as tx:
                tx.execute("set local synchronous_commit = off")
                written += tx.execute(_WRITE, {"tenant": tenant, "writer": _writer, "rows": to_json(rows)})
        except (Unavailable, psycopg.Error, LookupError) as error:
            log.warning("tally_not_written", tenant=str(tenant), reason=str(error))
    return written


def flush_now_and_then(db: Database) -> None:
    """Write what was counted when `FLUSH_SECONDS` have gone by; called wherever something is counted in a web process."""
    if is_due():
        flush(db)


def is_due() -> bool:
    """Whether whoever asks is to write now: `FLUSH_SECONDS` have gone by, and nobody else was told so."""
    global _last_flush  # noqa: PLW0603 - the process's own clock hand
    now = time.monotonic()
    with _lock:
        if now - _last_flush < FLUSH_SECONDS:
            return False
        _last_flush = now
    return True
