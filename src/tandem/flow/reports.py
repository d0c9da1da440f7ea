"""What workers say of themselves: turns, rows and times by lane since they began, for operators on any machine to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Mapped, mapped_column

from tandem.flow.runs import Lane
from tandem.kernel.db import Connection, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.schema import Base

COUNT_MAX: Final = 100
"""What waits is counted up to so many rows a bucket and lane: a backlog of millions must not make the question dear."""
SILENT_SECONDS: Final = 60
"""A worker that has said nothing for so long is not shown."""


class WorkerReport(Base):
    """The latest word of each worker, on machine time. `work`: lane -> `LaneWork`. Nothing depends on it."""

    __tablename__ = "worker_report"
    __table_args__ = ({"info": {"kind": "global", "grants": {"tandem_web": "select", "tandem_door": ""}}},)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    buckets: Mapped[int]
    work: Mapped[dict[str, Any]]


class LaneWork(msgspec.Struct):
    """What a worker did in a lane since it began. Seconds are those of its turns, commits not included."""

    turns: int = 0
    events: int = 0
    moved: int = 0
    failed: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


@dataclass(slots=True)
class Tally:
    """A worker's count, kept in memory and told with every renewal of its leases."""

    lanes: dict[Lane, LaneWork] = field(default_factory=dict[Lane, LaneWork])

    def add(self, lane: Lane, *, events: int, moved: int, failed: int, seconds: float) -> None:
        """Count one turn."""
        one = self.lanes.setdefault(lane, LaneWork())
        one.turns += 1
        one.events += events
        one.moved += moved
        one.failed += failed
        one.seconds += seconds
        one.slowest = max(one.slowest, seconds)

    def tell(self, connection: Connection, worker: UUID, buckets: int) -> None:
        """Write it down, in a short transaction of its own. What died workers said goes after a while."""
        work = {lane.name.lower(): msgspec.to_builtins(one) for lane, one in self.lanes.items()}
        with connection.transaction():
            connection.execute(
                """
                insert into worker_report (id, started_at, reported_at, buckets, work) values (%(id)s, now(), now(), %(buckets)s, %(work)s)
                on conflict (id) do update set reported_at = now(), buckets = excluded.buckets, work = excluded.work
                """,
                {"id": worker, "buckets": buckets, "work": Jsonb(work)},
            )
            connection.execute("delete from worker_report where reported_at < now() - interval '1 day'")


def leave(connection: Connection, worker: UUID) -> None:
    """A worker that ends in good order is no longer shown."""
    with connection.transaction():
        connection.execute("delete from worker_report where id = %s", (worker,))


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker that has spoken lately."""

    id: UUID
    started_at: datetime
    reported_at: datetime
    buckets: int
    work: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a lane of one tenant, each number up to `COUNT_MAX` a bucket, and how long the oldest has waited, in seconds."""

    lane: int
    events: int
    oldest_event: float | None
    runs: int
    oldest_run: float | None


def workers(tx: Tx) -> list[WorkerRow]:
    """Workers that have spoken within `SILENT_SECONDS`, the longest-lived first."""
    return tx.all(
        WorkerRow,
        """
        select id, started_at, reported_at, buckets, work from worker_report
        where reported_at > now() - make_interval(secs => %(silent)s) order by started_at, id
        """,
        {"silent": SILENT_SECONDS},
    )


# Events wait since they were received, by the machine's clock; runs since they were due, by the tenant's.
_WAITING: Final = """
select l.lane, coalesce(sum(e.n), 0)::int as events,
       extract(epoch from %(machine_now)s::timestamptz - min(e.oldest))::float8 as oldest_event,
       coalesce(sum(r.n), 0)::int as runs, extract(epoch from %(now)s::timestamptz - min(r.oldest))::float8 as oldest_run
from unnest(%(lanes)s::smallint[]) as l(lane) cross join unnest(%(buckets)s::smallint[]) as b(bucket)
cross join lateral (select count(*) as n, min(x.received_at) as oldest from (
  select received_at from inbox where bucket = b.bucket and tenant_id = %(tenant)s and lane = l.lane
  order by occurred_at limit %(most)s) as x) as e
cross join lateral (select count(*) as n, min(x.wake_at) as oldest from (
  select wake_at from flow_due where bucket = b.bucket and tenant_id = %(tenant)s and lane = l.lane and wake_at <= %(now)s
  order by wake_at limit %(most)s) as x) as r
group by l.lane order by l.lane
"""


def waiting(tx: Tx, buckets: Sequence[int] = tuple(range(BUCKETS))) -> list[Waiting]:
    """What waits in every lane of the transaction's tenant."""
    params = {
        "tenant": tx.tenant_id,
        "buckets": list(buckets),
        "lanes": [int(lane) for lane in Lane],
        "now": tx.now,
        "machine_now": tx.machine_now,
        "most": COUNT_MAX,
    }
    return tx.all(Waiting, _WAITING, params)
