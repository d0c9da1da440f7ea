"""Making the file: pages of the list, each read in a short transaction of whom it is for, written forward and sealed as it grows.

Nothing is held but a page and a part, and no transaction outlives its page (ENGINE_RULES 3); so a long export shows each row as it was
when its page was read. Taken over after a crash it begins anew. Files that have expired are deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access.audit import seen_by
from tandem.domains.exports.lists import BY_NAME, ExportList, Page, Wanted
from tandem.domains.exports.store import ExportRow, drop_parts, get
from tandem.domains.exports.writers import SHEET_ROWS_MAX, CsvWriter, Writer, XlsxWriter
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.errors import InvalidInput
from tandem.kernel.jobs import JobRun
from tandem.kernel.live import announce
from tandem.kernel.roles import WORKER, register_sql
from tandem.stream.keys import tenant_keys

JOB_KIND: Final = "export"
PART_BYTES: Final = 1 << 20
PLAIN_KEPT: Final = timedelta(hours=24)
MASKED_KEPT: Final = timedelta(days=7)

# The only statement that looks across tenants: files past their time go.
register_sql("""
create or replace function tandem_drop_expired_exports() returns integer
language sql volatile security definer set search_path = public, pg_temp as $$
  with gone as (
    update export_file set state = 'expired' where expires_at <= now() and state = 'filed' returning tenant_id, id
  ), broken as (
    -- A worker that was killed cannot clear up behind itself.
    select x.tenant_id, x.id from export_file x join job j on j.tenant_id = x.tenant_id and j.id = x.job_id
    where x.parts = 0 and j.state in ('failed', 'cancelled')
  ), parts as (
    delete from export_part p using (select tenant_id, id from gone union all select tenant_id, id from broken) g
    where p.tenant_id = g.tenant_id and p.export_id = g.id
  )
  select count(*)::integer from gone
$$
""")
register_sql("revoke all on function tandem_drop_expired_exports() from public")
register_sql(f"grant execute on function tandem_drop_expired_exports() to {WORKER}")


def drop_expired(db: Database) -> float:
    """A worker's job; returns the seconds until it wants to be called again."""
    with db.connection("worker") as connection:
        connection.execute("select tandem_drop_expired_exports()")
    return 60.0


class _Parts:
    """Bytes on their way into sealed parts."""

    def __init__(self, keys: TenantKeys, row: ExportRow) -> None:
        self._keys = keys
        self._row = row
        self._held = bytearray()
        self.number = 0
        self.size = 0

    def take(self, data: bytes) -> None:
        """Hold more bytes."""
        self._held += data
        self.size += len(data)

    def keep(self, tx: Tx, *, last: bool = False) -> None:
        """Store what makes whole parts; at the end, what is left."""
        while len(self._held) >= PART_BYTES or (last and self._held):
            chunk = bytes(self._held[:PART_BYTES])
            del self._held[:PART_BYTES]
            tx.execute(
                """
                insert into export_part (tenant_id, export_id, number, bytes_enc)
                values (%(tenant)s, %(export)s, %(number)s, %(sealed)s)
                """,
                {
                    "tenant": tx.tenant_id,
                    "export": self._row.id,
                    "number": self.number,
                    "sealed": self._keys.seal_bytes(self._row.key(self._keys), chunk),
                },
            )
            self.number += 1


def handler(job: JobRun) -> Mapping[str, Any]:
    """What the worker runs for an export. Raises InvalidInput where a list is longer than a spreadsheet can be."""
    export_id = UUID(job.payload["export_id"])
    job.topic = "exports"
    with job.tx() as tx:
        row, keys = get(tx, export_id), tenant_keys(tx)
        drop_parts(tx, row.id)
    made = False
    try:
        result = _make(job, row, _Parts(keys, row))
        made = True
    finally:
        if not made:
            # Whatever went wrong: half a file of people is no use to anybody, and must not lie about.
            with job.tx() as tx:
                _give_up(tx, job, row.id)
    return result


def _give_up(tx: Tx, job: JobRun, export_id: UUID) -> None:
    """Let go of what was written so far, unless another worker has taken the job over and writes by now."""
    tx.execute(
        """
        delete from export_part as p using job as j
        where p.tenant_id = %(tenant)s and p.export_id = %(export)s and j.tenant_id = %(tenant)s and j.id = %(job)s and j.attempts = %(attempt)s
        """,
        {"tenant": tx.tenant_id, "export": export_id, "job": job.id, "attempt": job.attempt},
    )


def _make(job: JobRun, row: ExportRow, parts: _Parts) -> Mapping[str, Any]:
    writer: Writer = XlsxWriter(parts.take) if row.format == "xlsx" else CsvWriter(parts.take)
    rows = _write(job, row, writer, parts)
    writer.close()
    kept = PLAIN_KEPT if row.plain else MASKED_KEPT
    with job.tx() as tx:
        parts.keep(tx, last=True)
        tx.execute(
            """
            update export_file set rows = %(rows)s, bytes = %(bytes)s, parts = %(parts)s, expires_at = %(expires)s
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            {
                "rows": rows,
                "bytes": parts.size,
                "parts": parts.number,
                "expires": tx.machine_now + kept,
                "tenant": tx.tenant_id,
                "id": row.id,
            },
        )
        job.report(tx, rows, total=rows)
        announce(tx, "exports")
    return {"rows": rows, "bytes": parts.size}


def _write(job: JobRun, row: ExportRow, writer: Writer, parts: _Parts) -> int:
    """Write every row; returns how many there were."""
    chosen = BY_NAME[row.list]
    mark = (row.watermark,) if row.plain else ()
    writer.row([*(f"{one.zh} {one.en}" for one in chosen.columns), *(("水印 Watermark",) if mark else ())])
    after: Any = None
    rows = 0
    while True:
        page = _page(job, row, chosen, after)
        for cells in page.rows:
            writer.row([*cells, *mark])
        rows += len(page.rows)
        if row.format == "xlsx" and rows >= SHEET_ROWS_MAX:
            raise InvalidInput(
                "too_many_rows",
                f"Excel 最多 {SHEET_ROWS_MAX - 1} 行，请改用 CSV 或缩小范围。",
                f"A spreadsheet has at most {SHEET_ROWS_MAX - 1} rows; take CSV, or narrow the list.",
            )
        with job.tx() as tx:
            parts.keep(tx)
            job.report(tx, rows)
        if page.following is None:
            return rows
        after = page.following


def _page(job: JobRun, row: ExportRow, chosen: ExportList, after: Any) -> Page:
    """The next rows, as the one who asked may see them: row-level security decides, not this code."""
    scope = Scope(str(row.scope["kind"]), tuple(UUID(one) for one in row.scope["store_ids"]))
    asker = frozenset[str](row.scope["privacy"])
    with seen_by(asker), job.db.tx("web", tenant=job.tenant_id, user=row.created_by, scope=scope) as tx:
        return chosen.read(tx, Wanted(row.filters, after, row.plain))
