"""Running filed commands, one short transaction each: `run` is what a worker's job calls."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.stream.identity.filed import Command, Outcome
from tandem.stream.identity.merge import SLICE_ROWS, Work
from tandem.stream.projection import StreamSystem

ATTEMPTS_MAX: Final = 100

_CLAIM: Final = """
select id, verb, survivor_id, loser_id, merge_id, subject_type, subject_id, from_bucket, origin_id, forced, reason, evidence, filed_by, status
from merge_command
where tenant_id = %(tenant)s and status in ('queued', 'moving') and (%(only)s::uuid is null or id = %(only)s)
order by attempts, filed_at, id limit 1
for update skip locked
"""


def run(db: Database, system: StreamSystem, *, limit: int = 100) -> int:
    """Do up to `limit` steps of waiting commands of every tenant, taken in turn; returns how many were done."""
    done = 0
    for tenant in waiting_tenants(db):
        while done < limit and step(db, tenant, system) is not None:
            done += 1
    return done


def waiting_tenants(db: Database) -> list[UUID]:
    """Tenants with commands that wait: ids only, through a function that may look across tenants."""
    with db.connection("worker") as connection:
        return [row[0] for row in connection.execute("select tenant_id from identity_waiting_tenants()")]


def step(
    db: Database, tenant: UUID, system: StreamSystem, *, command: UUID | None = None, slice_rows: int = SLICE_ROWS
) -> Outcome | None:
    """Do the next command of a tenant (or the one named), or its next slice; None when nothing waits that could be done now."""
    with db.tx("worker", tenant=tenant) as tx:
        claimed = tx.maybe(Command, _CLAIM, {"tenant": tenant, "only": command})
        if claimed is None:
            return None
        outcome = Work(tx, system, claimed, slice_rows=slice_rows).run()
        _note(tx, claimed, outcome)
    return None if outcome.status == "waiting" else outcome


def _note(tx: Tx, command: Command, outcome: Outcome) -> None:
    """The last statement of the transaction: a door that files the same pair waits for nothing else of ours."""
    status = command.status if outcome.status == "waiting" else outcome.status
    tx.execute(
        """
        update merge_command set
          status = case when %(status)s = 'queued' and attempts >= %(most)s then 'refused' else %(status)s end,
          outcome = %(why)s, attempts = attempts + 1, done_at = case when %(status)s in ('queued', 'moving') then null else %(now)s end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": command.id,
            "status": status,
            "why": outcome.why,
            "now": tx.now,
            "most": ATTEMPTS_MAX,
        },
    )
