"""How long it takes from an event's arrival to what it set off: counted by minute and kind in each process, kept for the screen (F20).

An age is measured by the machine's clock from the moment at which the first cause was received (docs/decisions/0204), to the commit of the
turn that had the effect, or, for a message, to the answer of its channel. What a flow lets wait on purpose (a wait, a quiet night, a cap)
is not counted. Only the process that counts writes its rows, outside turns: nothing that turns share is written in them (ENGINE_RULES 6).
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.db import Connection, Tx, begin
from tandem.kernel.ids import new_id
from tandem.kernel.schema import Base, TenantRow
from tandem.kernel.turn import Turn

What = Literal["tag", "field", "points", "coupon", "task", "message"]
KINDS: Final[tuple[What, ...]] = ("tag", "field", "points", "coupon", "task", "message")

#: Upper edges of the histogram's bins, in milliseconds; what lies beyond the last has a bin of its own.
EDGES: Final = (2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 20_000, 60_000)  # fmt: skip
#: Older than this is as old as this: what PostgreSQL's integer holds, 24 days and a bit.
LONGEST_MS: Final = 2**31 - 1
#: What we hold ourselves to: 95 of 100 within so long.
LIMIT_MS: Final = 5000
SHARE: Final = 0.95
#: An alert looks back so far, and needs so many effects to say anything.
WATCHED: Final = timedelta(minutes=5)
FEW: Final = 20
_KEPT: Final = timedelta(minutes=2)
FLUSH_SECONDS: Final = 5.0


class EffectDelay(TenantRow, Base):
    """What one process counted in a minute (machine time), by flow and kind. `bins`: how many up to each of `EDGES`, and beyond."""

    __tablename__ = "effect_delay"
    __table_args__ = (
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "effect_delays",
                    "zh": "从事件到动作的用时统计",
                    "en": "Times from event to effect",
                    "by": "minute",
                    "days": 30,
                    "least": 1,
                },
            },
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[UUID] = mapped_column(primary_key=True)
    bins: Mapped[list[int]] = mapped_column(ARRAY(Integer()))
    n: Mapped[int] = mapped_column(BigInteger())
    slowest_ms: Mapped[int]


@dataclass(slots=True)
class Ages:
    """A histogram of ages in milliseconds."""

    bins: list[int] = field(default_factory=lambda: [0] * (len(EDGES) + 1))
    n: int = 0
    slowest: int = 0

    def add(self, ages: Iterable[int]) -> None:
        """Count ages; one below zero (clocks of two machines) counts as none, one beyond `LONGEST_MS` as that."""
        for age in ages:
            self.bins[bisect_left(EDGES, age)] += 1
            self.n += 1
            self.slowest = max(self.slowest, min(age, LONGEST_MS))

    def merge(self, bins: Sequence[int], slowest: int) -> None:
        """Add what another counted."""
        self.bins = [mine + its for mine, its in zip(self.bins, bins, strict=True)]
        self.n += sum(bins)
        self.slowest = max(self.slowest, slowest)

    def quantile(self, share: float) -> int | None:
        """The age that so great a share does not exceed, within the bin evenly spread; None of nothing."""
        if not self.n:
            return None
        wanted, below = share * self.n, 0
        for position, n in enumerate(self.bins):
            if n and below + n >= wanted:
                low = EDGES[position - 1] if position else 0
                high = min(EDGES[position], self.slowest) if position < len(EDGES) else self.slowest
                return round(low + max(0, high - low) * (wanted - below) / n)
            below += n
        return self.slowest

    @property
    def is_slow(self) -> bool:
        """Did more than the share allowed take longer than the limit?"""
        return self.over() > (1 - SHARE) * self.n

    def over(self, limit_ms: int = LIMIT_MS) -> int:
        """How many took longer than an edge."""
        return sum(self.bins[EDGES.index(limit_ms) + 1 :])


_KEEP: Final = """
insert into effect_delay (tenant_id, minute, flow_id, what, process, bins, n, slowest_ms)
values (%(tenant)s, %(minute)s, %(flow)s, %(what)s, %(process)s, %(bins)s, %(n)s, %(slowest)s)
on conflict (tenant_id, minute, flow_id, what, process) do update set bins = excluded.bins, n = excluded.n, slowest_ms = excluded.slowest_ms
"""


class _Key(NamedTuple):
    tenant: UUID
    minute: datetime
    flow: UUID
    what: str


@dataclass(slots=True)
class Delays:
    """What this process has counted lately. The turns' thread and the senders' threads add to it."""

    process: UUID = field(default_factory=new_id)
    _counted: dict[_Key, Ages] = field(default_factory=dict[_Key, Ages])
    _changed: set[_Key] = field(default_factory=set[_Key])
    _told_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, tenant: UUID, flow: UUID, what: str, ages_ms: Sequence[int]) -> None:
        """Count what has just been committed."""
        if not ages_ms:
            return
        key = _Key(tenant, datetime.now(UTC).replace(second=0, microsecond=0), flow, what)
        with self._lock:
            self._counted.setdefault(key, Ages()).add(ages_ms)
            self._changed.add(key)

    def committed(self, turn: Turn) -> None:
        """Count what a turn noted, now that it is committed."""
        now = time.perf_counter()
        for flow, what, ages, noted_at in turn.aged:
            late = round((now - noted_at) * 1000)
            self.add(turn.tenant_id, flow, what, [age + late for age in ages])

    def tell(self, connection: Connection) -> None:
        """Write down what has changed, at most every few seconds: a short transaction for each tenant."""
        now = time.monotonic()
        if not self._changed or now - self._told_at < FLUSH_SECONDS:
            return
        self._told_at = now
        with self._lock:
            changed, self._changed = self._changed, set()
            rows = [(key, self._row(key)) for key in changed]
            old = datetime.now(UTC) - _KEPT
            self._counted = {key: one for key, one in self._counted.items() if key.minute > old}
        for tenant in {key.tenant for key, _ in rows}:
            with connection.transaction():
                try:
                    tx = begin(connection, tenant=tenant)
                except LookupError:
                    continue  # a trial that was taken away meanwhile: nobody will ask
                for row in (row for key, row in rows if key.tenant == tenant):
                    tx.execute(_KEEP, row)

    def _row(self, key: _Key) -> dict[str, Any]:
        ages = self._counted[key]
        told: dict[str, Any] = {"tenant": key.tenant, "minute": key.minute, "flow": key.flow, "what": key.what}
        return told | {"process": self.process, "bins": list(ages.bins), "n": ages.n, "slowest": ages.slowest}


DELAYS: Final = Delays()
"""The process's own."""


def note(turn: Turn, what: What, heard: Iterable[tuple[UUID | None, datetime | None]]) -> None:
    """Note effects of a turn: of which flow, and when the event behind each was heard; None: nothing was heard just now."""
    turn.aged.extend((flow, what, ages, time.perf_counter()) for flow, ages in by_flow(heard).items())


def by_flow(heard: Iterable[tuple[UUID | None, datetime | None]]) -> dict[UUID, list[int]]:
    """The ages, as of now and in milliseconds, of events that were heard then."""
    now = datetime.now(UTC)
    found: dict[UUID, list[int]] = {}
    for flow, at in heard:
        if flow is not None and at is not None:
            found.setdefault(flow, []).append(round((now - at).total_seconds() * 1000))
    return found


def ages_of(array: str) -> list[int]:
    """The numbers of a PostgreSQL array literal: read without a loader, since a turn may have thousands."""
    return list(map(int, array[1:-1].split(",")))


# ------------------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class Minute:
    """The ages of a minute over all processes; `what` None: of all kinds together."""

    minute: datetime
    what: str | None
    ages: Ages


def read(tx: Tx, minutes: int, flow_id: UUID | None = None) -> list[Minute]:
    """The last minutes by kind and together, oldest first; of one flow, or of all."""
    rows = tx.cursor(
        "select minute, what, bins, slowest_ms from effect_delay where tenant_id = %(tenant)s and minute > %(since)s"
        " and (%(flow)s::uuid is null or flow_id = %(flow)s) order by minute, what",
        {"tenant": tx.tenant_id, "since": tx.machine_now - timedelta(minutes=minutes), "flow": flow_id},
    ).fetchall()
    found: dict[tuple[datetime, str | None], Ages] = {}
    for minute, what, bins, slowest in rows:
        for key in ((minute, what), (minute, None)):
            found.setdefault(key, Ages()).merge(bins, slowest)
    return [Minute(minute, what, ages) for (minute, what), ages in found.items()]


def slow(tx: Tx) -> list[tuple[UUID, Ages]]:
    """Flows whose effects of the last minutes broke the limit."""
    rows = tx.cursor(
        "select flow_id, bins, slowest_ms from effect_delay where tenant_id = %(tenant)s and minute > %(since)s",
        {"tenant": tx.tenant_id, "since": tx.machine_now - WATCHED},
    ).fetchall()
    found: dict[UUID, Ages] = {}
    for flow, bins, slowest in rows:
        found.setdefault(flow, Ages()).merge(bins, slowest)
    return [(flow, ages) for flow, ages in found.items() if ages.n >= FEW and ages.is_slow]


def together(minutes: Iterable[Minute]) -> dict[str | None, Ages]:
    """The sum over minutes, by kind and (None) of all."""
    found: dict[str | None, Ages] = {}
    for one in minutes:
        found.setdefault(one.what, Ages()).merge(one.ages.bins, one.ages.slowest)
    return found
