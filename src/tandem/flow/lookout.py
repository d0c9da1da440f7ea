"""Where work is, as the database tells it: ready buckets by tenant and lane, and when the next timer or module's due row comes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from tandem.flow import schedule
from tandem.flow.marks import BEGINNING, Marks, Place
from tandem.flow.module import TurnStep
from tandem.flow.runs import Lane
from tandem.kernel.db import Connection, Tx, trusted
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


_READY: Final = "select tenant_id, lane, buckets, case when next_at > now() then extract(epoch from next_at - now())::float8 else 0 end as seconds, work from "
_BESIDE: Final = (
    "flow_ready_beside(%(held)s::smallint[], %(from_tenants)s::uuid[], %(from_lanes)s::smallint[], %(to_tenants)s::uuid[],"
    " %(to_lanes)s::smallint[], %(m_buckets)s::smallint[], %(m_tenants)s::uuid[], %(m_lanes)s::smallint[], %(m_ats)s::timestamptz[],"
    " %(m_runs)s::uuid[])"
)
_FIRST: Final = (UUID(int=0), -1)
_LAST: Final = (UUID(int=(1 << 128) - 1), 32767)


def look(connection: Connection, held: Sequence[int], marks: Marks | None = None) -> list[Ready]:
    """Everything that is ready or will be, in the buckets held. One function call, in a transaction of its own.

    Lanes with marks are asked after them: what was filed before is found when their beginning is due to be looked at (`Marks.due`).
    """
    known = [] if marks is None else marks.known()
    asked = f"{_READY}{_BESIDE if known else 'flow_ready(%(held)s::smallint[])'}"
    params = {"held": list(held), **(_beside(held, known) if known else {})}
    with connection.transaction(), connection.cursor(row_factory=class_row(Ready)) as cursor:
        return cursor.execute(trusted(asked), params, prepare=True).fetchall()


def _beside(held: Sequence[int], known: Sequence[tuple[UUID, Lane, Mapping[int, Place]]]) -> dict[str, object]:
    """The spans between the lanes with marks, and these marks."""
    edges = [_FIRST, *((tenant, int(lane)) for tenant, lane, _ in known), _LAST]
    marks = [
        (bucket, tenant, int(lane), *places.get(bucket, BEGINNING)) for tenant, lane, places in known for bucket in held
    ]
    columns = [list(column) for column in zip(*marks, strict=True)] or [[], [], [], [], []]
    return {
        "from_tenants": [tenant for tenant, _ in edges[:-1]],
        "from_lanes": [lane for _, lane in edges[:-1]],
        "to_tenants": [tenant for tenant, _ in edges[1:]],
        "to_lanes": [lane for _, lane in edges[1:]],
        **dict(zip(("m_buckets", "m_tenants", "m_lanes", "m_ats", "m_runs"), columns, strict=True)),
    }


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


def due_steps(tx: Tx, buckets: Sequence[int], steps: Sequence[TurnStep]) -> tuple[datetime | None, frozenset[str]]:
    """The earliest of `step_moments`, and the names of those that are due now."""
    names = [step.name for step in (*STREAM_STEPS, *steps) if step.due_sql] + [schedule.STEP]
    moments = [(at, name) for at, name in zip(step_moments(tx, buckets, steps), names, strict=True) if at is not None]
    due = frozenset(name for at, name in moments if at <= tx.now)
    return min(moments, default=(None, ""))[0], due
