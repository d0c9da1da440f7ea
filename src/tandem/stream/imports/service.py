"""Looking at an import before it runs, starting it, stopping it, and what it refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel import jobs
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.stream.imports import fields, records
from tandem.stream.imports.files import FileRow, get, open_piece
from tandem.stream.imports.records import BadCell
from tandem.stream.imports.upload import recut
from tandem.stream.keys import day_key, tenant_keys

JOB_KIND: Final = "import"
SAMPLE_ROWS: Final = 10
PROBLEMS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, and what would be wrong with the first piece under this mapping."""

    sample: list[list[str]]
    problems: list[tuple[int, str, str]]


def preview(tx: Tx, row: FileRow, mapping: fields.Mapping) -> Preview:
    """What the file looks like under a mapping. Nothing is written."""
    keys = tenant_keys(tx)
    lines = open_piece(tx, keys, row, 0)
    problems: list[tuple[int, str, str]] = []
    for together in records.group(row.kind, mapping, lines):
        try:
            records.payload(row.kind, mapping, together, ZoneInfo(tx.zone))
        except BadCell as bad:
            problems.append((together[0].number, bad.zh, bad.en))
    return Preview([line.cells for line in lines[:SAMPLE_ROWS]], problems[:PROBLEMS_SHOWN])


def start(tx: Tx, import_id: UUID, mapping: fields.Mapping | None) -> UUID:
    """File the job that runs an import. Raises NotFound, Conflict when it was started already, InvalidInput for a bad mapping."""
    row = get(tx, import_id)
    if row.job_id is not None:
        raise Conflict("already_started", "这次导入已经开始。", "This import has been started already.")
    chosen = row.mapping if mapping is None else mapping
    fields.check(row.kind, row.header, chosen)
    pieces = row.pieces
    if row.kind == "order" and chosen["order_id"] != row.mapping.get("order_id"):
        pieces = recut(tx, row, chosen)
    job = jobs.file_job(tx, JOB_KIND, {"import_id": str(import_id)}, total=row.rows_total)
    taken = tx.execute(
        """
        update import_file set job_id = %(job)s, mapping = %(mapping)s, pieces = %(pieces)s
        where tenant_id = %(tenant)s and id = %(id)s and job_id is null
        """,
        {"job": job, "mapping": Jsonb(chosen), "pieces": pieces, "tenant": tx.tenant_id, "id": import_id},
    )
    if not taken:
        raise Conflict("already_started", "这次导入已经开始。", "This import has been started already.")
    audit.record(tx, "import.started", "import", import_id, None, {"job_id": str(job)})
    return job


def cancel(tx: Tx, import_id: UUID) -> None:
    """Ask a running import to stop; what it has taken in stays. Raises NotFound, Conflict when it does not run."""
    row = get(tx, import_id)
    if row.job_id is None or row.state not in {"queued", "running"}:
        raise Conflict("not_running", "这次导入没有在进行。", "This import is not running.")
    jobs.cancel_job(tx, row.job_id)
    audit.record(tx, "import.cancelled", "import", import_id)


def refused_lines(tx: Tx, row: FileRow) -> Iterator[list[str]]:
    """The refused rows as lines of a CSV file: row number, reason in both languages, then the row as it was."""
    keys = tenant_keys(tx)
    key = day_key(tx, keys, row.key_day)
    yield ["行号 row", "原因", "reason", *row.header]
    cursor = tx.cursor(
        "select row_no, row_enc, zh, en from import_refusal where tenant_id = %(tenant)s and import_id = %(id)s order by row_no",
        {"tenant": tx.tenant_id, "id": row.id},
    )
    for number, sealed, zh, en in cursor:
        yield [str(number), zh, en, *msgspec.json.decode(keys.open(key, bytes(sealed)), type=list[str])]
