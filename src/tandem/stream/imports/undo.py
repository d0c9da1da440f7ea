"""Taking a whole import back (decision 30): what only it made known goes, what it changed becomes what it was, what came later stays.

Everything an import caused carries its id as root, also what was derived from it. A piece is taken back in one transaction that holds the
buckets of everybody the piece touched; its trace goes in the same commit, so what is left is what is still to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel import jobs
from tandem.kernel.db import Tx
from tandem.kernel.ids import derived_id
from tandem.kernel.jobs import JobRun
from tandem.kernel.live import announce
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.imports import memory, undo_orders, undo_people
from tandem.stream.imports.files import FileRow, get
from tandem.stream.projection import StreamSystem

OWNERS_TOGETHER: Final = 250


@dataclass(slots=True)
class Undone:
    """What became of what an import had brought."""

    counts: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, more: Mapping[str, int]) -> None:
        for name, n in more.items():
            self.counts[name] = self.counts.get(name, 0) + n


@dataclass(frozen=True, slots=True)
class _Trace:
    piece: int
    received_at: datetime
    external_ids: list[str]
    buckets: list[int]
    owners: list[UUID]


_TAKE: Final = """
delete from import_trace
where tenant_id = %(tenant)s and import_id = %(import)s and piece = (
  select max(piece) from import_trace where tenant_id = %(tenant)s and import_id = %(import)s)
returning piece, received_at, external_ids, buckets, owners
"""


def handler(system: Callable[[], StreamSystem]) -> jobs.Handler:
    """What the worker runs for an undo: the last piece first."""

    def run(job: JobRun) -> Mapping[str, Any]:
        import_id = UUID(job.payload["import_id"])
        job.topic = f"import:{import_id}"
        with job.tx() as tx:
            row = get(tx, import_id)
            memory.forget(tx, import_id)
        told = Undone(dict(job.checkpoint.get("counts", {})))
        done = int(job.checkpoint.get("rows", 0))
        while True:
            with job.tx() as tx:
                trace = tx.maybe(_Trace, _TAKE, {"tenant": tx.tenant_id, "import": import_id})
                if trace is None:
                    announce(tx, "imports")
                    return told.counts
                told.add(_take_back(tx, system(), row, trace))
                done += len(trace.external_ids)
                job.report(tx, done, total=row.rows_total, checkpoint={"counts": told.counts, "rows": done})

    return run


def _take_back(tx: Tx, system: StreamSystem, row: FileRow, trace: _Trace) -> dict[str, int]:
    """Take back what a piece did."""
    numbers: Sequence[str] = trace.external_ids if row.kind == "order" else ()
    subjects = [derived_id(tx.tenant_id, row.source, "order", one) for one in numbers]
    buckets = set(trace.buckets) | undo_orders.buckets_of(tx, row, numbers)
    turn = Turn(tx, in_buckets(tx.conn, buckets))
    told = Undone()
    # What an undo leads to is no news about anybody: it goes back to the import as well.
    tx.root_id = row.id
    tx.execute(
        """
        delete from inbox where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and root_id = %(import)s
          and coalesce(customer_id, subject_id) = any(%(owners)s::uuid[])
        """,
        turn.params(**{"import": row.id, "owners": [*trace.owners, *subjects]}),
    )
    if numbers:
        told.add(undo_orders.take_back(turn, system, row, numbers))
    told.add(undo_people.take_back(turn, system, row, trace.owners))
    _forget_keys(tx, row, trace)
    return told.counts


def _forget_keys(tx: Tx, row: FileRow, trace: _Trace) -> None:
    """Let the same records count as news when they come again; those that came again since are somebody else's."""
    params = {
        "tenant": tx.tenant_id,
        "source": row.source,
        "ids": trace.external_ids,
        "received": trace.received_at,
    }
    whose = """
      tenant_id = %(tenant)s and source = %(source)s and external_id = any(%(ids)s::text[]) and received_at = %(received)s
    """
    tx.execute(f"delete from intake_key where version = 1 and {whose}", params)
    tx.execute(f"update intake_key set payload_hash = '' where version > 1 and {whose}", params)
