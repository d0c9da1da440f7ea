"""Running an import: a piece per transaction, through the ordinary door, as history; several pieces at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel import jobs
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.jobs import JobRun
from tandem.kernel.live import announce
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.service import Answer, accept
from tandem.stream.door.wire import Parsed
from tandem.stream.imports import upload
from tandem.stream.imports.batch import Batch, Refusal, home
from tandem.stream.imports.files import FileRow, get, lines_of
from tandem.stream.imports.rows import Line
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json

LANES: Final = 2
"""Pieces in hand at once: while the database works on one, the next is read and sealed."""


def handler(kinds: Callable[[], DoorKinds]) -> jobs.Handler:
    """What the worker runs for an import's job. A piece goes in the commit that takes it in, so what is left is what is still to do."""

    def run(job: JobRun) -> Mapping[str, Any]:
        import_id = UUID(job.payload["import_id"])
        job.topic = f"import:{import_id}"
        with job.tx() as tx:
            row, keys = get(tx, import_id), tenant_keys(tx)
        if row.kind == "order" and row.cut_by != row.mapping["order_id"]:
            row = upload.recut(job, row, keys, row.mapping, lambda number: _lines(job, row, keys, number))
        _Run(job, kinds(), row, keys).all()
        with job.tx() as tx:
            row = get(tx, import_id)
            announce(tx, "imports")
        return {"rows": row.rows_done, "people_made": row.people_made}

    return run


def _lines(job: JobRun, row: FileRow, keys: TenantKeys, number: int) -> list[Line]:
    with job.tx() as tx:
        sealed = tx.value(
            "select rows_enc from import_piece where tenant_id = %(tenant)s and import_id = %(import)s and number = %(number)s",
            {"tenant": tx.tenant_id, "import": row.id, "number": number},
        )
    return [] if sealed is None else lines_of(keys, row.key(keys), sealed)


@dataclass(frozen=True, slots=True)
class _Piece:
    number: int
    rows_enc: bytes


_TAKE: Final = """
delete from import_piece
where tenant_id = %(tenant)s and import_id = %(import)s and number = (
  select number from import_piece where tenant_id = %(tenant)s and import_id = %(import)s
  order by number limit 1 for update skip locked)
returning number, rows_enc
"""


class _Run:
    """An import in a worker's hands."""

    def __init__(self, job: JobRun, kinds: DoorKinds, row: FileRow, keys: TenantKeys) -> None:
        self._job = job
        self._kinds = kinds
        self._row = row
        self._keys = keys
        self._stop = threading.Event()

    def all(self) -> None:
        """Take in every piece. The first lane that fails stops the others; its error is raised."""
        with ThreadPoolExecutor(LANES, thread_name_prefix="import") as lanes:
            for lane in [lanes.submit(self._lane) for _ in range(LANES)]:
                lane.result()

    def _lane(self) -> None:
        try:
            while not self._stop.is_set() and self._next():
                pass
        except BaseException:
            self._stop.set()
            raise

    def _next(self) -> bool:
        """Take one piece in; False when none is left. Progress is noted last, since lanes wait for each other there."""
        with self._job.tx() as tx:
            tx.by_index()
            found = tx.maybe(_Piece, _TAKE, {"tenant": tx.tenant_id, "import": self._row.id})
            if found is None:
                return False
            tx.root_id = self._row.id
            lines = lines_of(self._keys, self._row.key(self._keys), found.rows_enc)
            scope = self._row.scope
            batch = Batch(
                self._row,
                self._row.mapping,
                frozenset(self._row.cleaning),
                self._keys,
                ZoneInfo(tx.zone),
                self._row.started_at or tx.now,
                home(tx, scope),
            )
            batch.read(lines)
            batch.correct(tx)
            answer = accept(tx, self._kinds, Parsed(batch.items, [], {}), partial=True, keep_refused=False, scope=scope)
            batch.refuse(answer.refused)
            _keep_refused(tx, self._keys, self._row, list(batch.refused.values()), taken=False)
            _keep_refused(tx, self._keys, self._row, list(batch.left_out.values()), taken=True)
            _keep_trace(tx, self._row, found.number, batch, answer)
            done = _count(tx, self._row, answer, batch, len(lines))
            self._job.report(tx, done)
        return True


def _keep_refused(tx: Tx, keys: TenantKeys, row: FileRow, refused: Sequence[Refusal], *, taken: bool) -> None:
    key = row.key(keys)
    rows = [
        {"n": one.line.number, "c": keys.seal(key, to_json(one.line.cells)), "z": one.zh, "e": one.en}
        for one in refused
    ]
    if rows:
        tx.execute(
            """
            insert into import_refusal (tenant_id, import_id, row_no, taken, row_enc, zh, en)
            select %(tenant)s, %(import)s, r.n, %(taken)s, decode(r.c, 'base64'), r.z, r.e
            from jsonb_to_recordset(%(rows)s::jsonb) as r(n int, c text, z text, e text)
            on conflict do nothing
            """,
            {"tenant": tx.tenant_id, "import": row.id, "taken": taken, "rows": to_json(rows)},
        )


def _keep_trace(tx: Tx, row: FileRow, piece: int, batch: Batch, answer: Answer) -> None:
    """Note what this piece claimed and whom it touched, for an undo."""
    owners = {owner: event.bucket for event in answer.emitted if (owner := event.customer_id or event.subject_id)}
    tx.execute(
        """
        insert into import_trace (tenant_id, import_id, piece, received_at, external_ids, buckets, owners)
        values (%(tenant)s, %(import)s, %(piece)s, %(received)s, %(ids)s, %(buckets)s::smallint[], %(owners)s::uuid[])
        """,
        {
            "tenant": tx.tenant_id,
            "import": row.id,
            "piece": piece,
            "received": tx.machine_now,
            "ids": sorted({item.external_id for item in batch.items}),
            "buckets": list(owners.values()),
            "owners": list(owners),
        },
    )


def _count(tx: Tx, row: FileRow, answer: Answer, batch: Batch, rows: int) -> int:
    """Add to the import's sums; returns how many of its rows are done."""
    return tx.value(
        """
        update import_file set accepted = accepted + %(accepted)s, duplicates = duplicates + %(duplicates)s,
                               updates = updates + %(updates)s, refused = refused + %(refused)s, left_out = left_out + %(left_out)s,
                               people_made = people_made + %(made)s, rows_done = rows_done + %(rows)s
        where tenant_id = %(tenant)s and id = %(id)s returning rows_done
        """,
        {
            "accepted": answer.accepted,
            "duplicates": answer.duplicates,
            "updates": answer.updates,
            "refused": len(batch.refused),
            "left_out": len(batch.left_out),
            "made": answer.customers_made,
            "rows": rows,
            "tenant": tx.tenant_id,
            "id": row.id,
        },
    )
