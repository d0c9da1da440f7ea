"""The demo's future: filed when the demo is loaded, played in order as live events when its clock gets there (ENGINE_RULES 12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from tandem.demo.records import Timed
from tandem.flow.module import DemoHook, Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.roles import register_sql
from tandem.kernel.rounds import Rounds
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.service import accept
from tandem.stream.door.wire import parse

PLAY_MAX: Final = 1_000
"""Records of one call; the stepper calls again for more."""
LOOK_SECONDS: Final = 5.0

# Which demo tenants have something due: ids and nothing else, for the worker only.
register_sql(
    """
create or replace function demo_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id from tenant t where t.demo and exists (
    select from demo_pending p where p.tenant_id = t.id and p.due_at <= now() + t.clock_offset)
$$
""",
)
register_sql("revoke all on function demo_due_tenants() from public")
register_sql("grant execute on function demo_due_tenants() to tandem_worker")


def file_pending(tx: Tx, records: Sequence[Timed]) -> None:
    """File records for later; one that is filed already stays."""
    rows = [{"x": one.record["external_id"], "d": one.at.isoformat(), "r": one.record} for one in records]
    tx.execute(
        """
        insert into demo_pending (tenant_id, external_id, due_at, record)
        select %(tenant)s, n.x, n.d, n.r from jsonb_to_recordset(%(rows)s::jsonb) as n(x text, d timestamptz, r jsonb)
        on conflict (tenant_id, external_id) do nothing
        """,
        {"tenant": tx.tenant_id, "rows": orjson.dumps(rows).decode()},
    )


def next_at(tx: Tx) -> datetime | None:
    """The moment of the next pending record, or None."""
    found: datetime | None = tx.value(
        "select due_at from demo_pending where tenant_id = %(tenant)s order by due_at limit 1", {"tenant": tx.tenant_id}
    )
    return found


def player(kinds: Callable[[], DoorKinds]) -> Callable[[Tx, datetime], int]:
    """What plays: takes records due up to a moment, oldest first, through the door in the same transaction."""

    def play(tx: Tx, until: datetime) -> int:
        taken: list[tuple[dict[str, Any]]] = tx.cursor(
            """
            with due as (
              select external_id from demo_pending where tenant_id = %(tenant)s and due_at <= %(until)s
              order by due_at, external_id limit %(limit)s for update skip locked)
            delete from demo_pending as p using due as d where p.tenant_id = %(tenant)s and p.external_id = d.external_id
            returning p.record
            """,
            {"tenant": tx.tenant_id, "until": until, "limit": PLAY_MAX},
        ).fetchall()
        records = sorted((row[0] for row in taken), key=lambda one: (one["time"], one["external_id"]))
        if records:
            tx.by_index()
            accept(tx, kinds(), parse(orjson.dumps({"events": records})), partial=True)
        return len(records)

    return play


def hook(kinds: Callable[[], DoorKinds]) -> DemoHook:
    """The demo's hook for the clock stepper."""
    return DemoHook(name="demo", next_at=next_at, play=player(kinds))


def job(kinds: Callable[[], DoorKinds]) -> Job:
    """A demo's clock also goes by itself: what has become due without anybody moving it is played too."""
    play = player(kinds)
    rounds = Rounds("demo.play")

    def run(db: Database) -> float:
        def play_due(tenant_id: UUID) -> int:
            with db.tx("worker", tenant=tenant_id) as tx:
                return play(tx, tx.now)

        return 0.0 if rounds.each(_due_tenants(db), play_due) else LOOK_SECONDS

    return Job(name="demo.play", run=run, interval_seconds=LOOK_SECONDS, during_clock=False)


def _due_tenants(db: Database) -> list[UUID]:
    with db.connection("worker") as connection:
        return [row[0] for row in connection.execute("select tenant_id from demo_due_tenants()").fetchall()]
