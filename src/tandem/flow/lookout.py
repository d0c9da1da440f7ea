"""Where work is, as the database tells it: ready buckets by tenant and lane, and when the next timer or module's due row comes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from tandem.flow import schedule
from tandem.flow.module import TurnStep
from tandem.kernel.db import Connection, Tx
from tandem.stream.steps import STEPS as STREAM_STEPS


@dataclass(frozen=True, slots=True)
class Ready:
    """A tenant's lane. `buckets` have due work now (None: none has);"""

    tenant_id: UUID
    lane: int
    buckets: list[int] | None
    seconds: float | None
    """Until the lane's next timer; zero or less when due."""
    work: int
    """`runs.Work`."""


def look(connection: Connection, held: Sequence[int]) -> list[Ready]:
    """Everything that is ready or will be, in the buckets held. One function call, in a transaction of its own."""
    with connection.transaction(), connection.cursor(row_factory=class_row(Ready)) as cursor:
        return cursor.execute(
            "select tenant_id, lane, buckets, case when next_at > now() then extract(epoch from next_at - now())::float8 else 0 end as seconds, work"
            " from flow_ready(%s::smallint[])",
            (list(held),),
            prepare=True,
        ).fetchall()


def tenants(connection: Connection) -> list[UUID]:
    """Every tenant, for the steps that find their own work."""
    with connection.transaction():
        return [row[0] for row in connection.execute("select id from flow_tenants()").fetchall()]


def step_moments(tx: Tx, buckets: Sequence[int], steps: Sequence[TurnStep]) -> list[datetime | None]:
    """When each step of the stream and of the modules, and the next scheduled start, is next due in these buckets, in business time."""
    queries = [step.due_sql for step in (*STREAM_STEPS, *steps) if step.due_sql] + [schedule.NEXT_SQL]
    columns = ", ".join(f"({query})::timestamptz" for query in queries)
    params = {"tenant": tx.tenant_id, "buckets": list(buckets), "now": tx.now}
    return list(tx.cursor(f"select {columns}", params).fetchone() or ())


def next_step(tx: Tx, buckets: Sequence[int], steps: Sequence[TurnStep]) -> datetime | None:
    """The earliest of `step_moments`."""
    return min((one for one in step_moments(tx, buckets, steps) if one is not None), default=None)
