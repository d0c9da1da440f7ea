"""Running filed commands, one short transaction each: `run` is what a worker's job calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unavailable
from tandem.kernel.rounds import Rounds
from tandem.stream.apply.isolation import reason_of
from tandem.stream.identity.filed import Command, Outcome
from tandem.stream.identity.merge import SLICE_ROWS, Work
from tandem.stream.projection import StreamSystem

log = structlog.get_logger(__name__)

ATTEMPTS_MAX: Final = 100
FAILURES_MAX: Final = 5
"""A command that raised so often is refused, with its reason. To have waited for others counts less than to have failed."""
_FAILURE_ATTEMPTS: Final = ATTEMPTS_MAX // FAILURES_MAX
_ROUNDS: Final = Rounds("identity.merge")

_CLAIM: Final = """
select id, verb, survivor_id, loser_id, merge_id, subject_type, subject_id, from_bucket, origin_id, forced, reason, evidence, filed_by, status
from merge_command
where tenant_id = %(tenant)s and status in ('queued', 'moving') and (%(only)s::uuid is null or id = %(only)s)
  and not id = any(%(passed_over)s::uuid[])
order by attempts, filed_at, id limit 1
for update skip locked
"""


def run(db: Database, system: StreamSystem, *, limit: int = 100) -> int:
    """Do up to about `limit` steps of waiting commands, shared among the tenants; returns how many were done."""
    tenants = waiting_tenants(db)
    share = max(1, limit // max(1, len(tenants)))
    return _ROUNDS.each(tenants, lambda tenant: _some(db, tenant, system, share))


def _some(db: Database, tenant: UUID, system: StreamSystem, limit: int) -> int:
    """Steps of one tenant. A command that failed or waits is passed over until the next call, so that it bars no other."""
    done = 0
    passed_over: list[UUID] = []
    while done + len(passed_over) < limit and (taken := _take(db, tenant, system, passed_over=passed_over)) is not None:
        command, outcome = taken
        if outcome.status in ("failed", "waiting"):
            passed_over.append(command.id)
        else:
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
    taken = _take(db, tenant, system, only=command, slice_rows=slice_rows)
    return None if taken is None or taken[1].status == "waiting" else taken[1]


def _take(
    db: Database,
    tenant: UUID,
    system: StreamSystem,
    *,
    only: UUID | None = None,
    passed_over: Sequence[UUID] = (),
    slice_rows: int = SLICE_ROWS,
) -> tuple[Command, Outcome] | None:
    claimed: Command | None = None
    try:
        with db.tx("worker", tenant=tenant) as tx:
            claimed = tx.maybe(Command, _CLAIM, {"tenant": tenant, "only": only, "passed_over": list(passed_over)})
            if claimed is None:
                return None
            outcome = Work(tx, system, claimed, slice_rows=slice_rows).run()
            _note(tx, claimed, outcome)
    except Unavailable:
        raise
    except Exception as error:  # the edge of a command: whatever its people's rows made raise is its own failure
        if claimed is None:
            raise
        outcome = Outcome("failed", reason_of(error))
        log.exception("merge_command_failed", tenant=str(tenant), command=str(claimed.id), verb=claimed.verb)
        with db.tx("worker", tenant=tenant) as tx:
            _note_failure(tx, claimed, outcome)
    return claimed, outcome


def _note(tx: Tx, command: Command, outcome: Outcome) -> None:
    """The last statement of the transaction: a door that files the same pair waits for nothing else of ours."""
    status = command.status if outcome.status == "waiting" else outcome.status
    tx.execute(
        """
        update merge_command set
          status = case when %(status)s = 'queued' and attempts >= %(most)s then 'refused' else %(status)s end,
          outcome = %(why)s, attempts = attempts + 1, failures = case when %(waited)s then failures else 0 end,
          done_at = case when %(status)s in ('queued', 'moving') then null else %(now)s end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": command.id,
            "status": status,
            "waited": outcome.status == "waiting",
            "why": outcome.why,
            "now": tx.now,
            "most": ATTEMPTS_MAX,
        },
    )


def _note_failure(tx: Tx, command: Command, outcome: Outcome) -> None:
    """Count it in a transaction of its own. A merge that stands half-way is never given up: its people are held until it is through."""
    tx.execute(
        """
        update merge_command set
          status = case when status = 'queued' and attempts + %(weight)s >= %(most)s then 'refused' else status end,
          done_at = case when status = 'queued' and attempts + %(weight)s >= %(most)s then %(now)s end,
          attempts = attempts + %(weight)s, failures = failures + 1, outcome = %(why)s
        where tenant_id = %(tenant)s and id = %(id)s and status in ('queued', 'moving')
        """,
        {
            "tenant": tx.tenant_id,
            "id": command.id,
            "weight": _FAILURE_ATTEMPTS,
            "most": ATTEMPTS_MAX,
            "why": outcome.why,
            "now": tx.now,
        },
    )
