"""Starting an import, stopping it, undoing it, what it refused, and how good each source's data is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel import jobs
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.live import announce
from tandem.stream.imports import cleaning, fields, memory
from tandem.stream.imports.files import FileRow, get
from tandem.stream.keys import tenant_keys

JOB_KIND: Final = "import"
UNDO_JOB: Final = "import.undo"
REFUSED_PAGE: Final = 500


def start(tx: Tx, import_id: UUID, mapping: fields.Mapping, rules: Sequence[str], quality: dict[str, Any]) -> UUID:
    """File the job that runs an import, as far as whoever starts it reaches.

    Raises NotFound, Conflict when it was started already, InvalidInput for a bad mapping.
    """
    row = get(tx, import_id)
    if row.job_id is not None or row.state != "uploaded":
        raise Conflict(
            "already_started", "这次导入已经开始或还在读取。", "This import has been started, or is still being read."
        )
    fields.check(row.kind, row.header, mapping)
    cleaning.check(rules)
    job = jobs.file_job(tx, JOB_KIND, {"import_id": str(import_id)}, total=row.rows_total)
    taken = tx.execute(
        """
        update import_file
        set job_id = %(job)s, mapping = %(mapping)s, cleaning = %(cleaning)s, quality = %(quality)s, started_at = %(now)s,
            reach = %(reach)s::uuid[]
        where tenant_id = %(tenant)s and id = %(id)s and job_id is null
        """,
        {
            "job": job,
            "mapping": Jsonb(mapping),
            "cleaning": list(rules),
            "quality": Jsonb(quality),
            "now": tx.now,
            "reach": None if tx.scope.kind == "all" else list(tx.scope.store_ids),
            "tenant": tx.tenant_id,
            "id": import_id,
        },
    )
    if not taken:
        raise Conflict("already_started", "这次导入已经开始。", "This import has been started already.")
    memory.remember(tx, row.source, row.kind, row.header, mapping, rules)
    audit.record(tx, "import.started", "import", import_id, None, {"job_id": str(job)})
    announce(tx, "imports")
    return job


def cancel(tx: Tx, import_id: UUID) -> None:
    """Ask a running import to stop; what it has taken in stays. Raises NotFound, Conflict when it does not run."""
    row = get(tx, import_id)
    job = row.job_id or row.read_job_id
    if job is None or row.state not in {"queued", "running", "reading"}:
        raise Conflict("not_running", "这次导入没有在进行。", "This import is not running.")
    jobs.cancel_job(tx, job)
    audit.record(tx, "import.cancelled", "import", import_id)


def undo(tx: Tx, import_id: UUID) -> UUID:
    """File the job that takes an import back. Raises NotFound, Conflict while it runs or where there is nothing to take back."""
    row = get(tx, import_id)
    if row.job_id is None or row.state not in {"done", "cancelled", "failed"}:
        raise Conflict(
            "not_undoable",
            "只有已结束的导入可以撤销；进行中的请先停止。",
            "Only an import that has ended can be undone; stop a running one first.",
        )
    job = jobs.file_job(tx, UNDO_JOB, {"import_id": str(import_id)})
    tx.execute(
        "update import_file set undo_job_id = %(job)s where tenant_id = %(tenant)s and id = %(id)s",
        {"job": job, "tenant": tx.tenant_id, "id": import_id},
    )
    audit.record(tx, "import.undone", "import", import_id, None, {"job_id": str(job)})
    announce(tx, "imports")
    return job


@dataclass(frozen=True, slots=True)
class _Refused:
    row_no: int
    row_enc: bytes
    zh: str
    en: str


def refused_page(
    tx: Tx, row: FileRow, after: int, limit: int = REFUSED_PAGE, *, taken: bool = False
) -> list[tuple[int, str, str, list[str]]]:
    """Refused rows after a row number: (row number, reason in Chinese, in English, the row as it was).

    `taken`: instead, the rows that went in without some of their cells.
    """
    keys = tenant_keys(tx)
    key = row.key(keys)
    found = tx.all(
        _Refused,
        """
        select row_no, row_enc, zh, en from import_refusal
        where tenant_id = %(tenant)s and import_id = %(id)s and row_no > %(after)s and taken = %(taken)s
        order by row_no limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "id": row.id, "after": after, "limit": limit, "taken": taken},
    )
    return [
        (one.row_no, one.zh, one.en, msgspec.json.decode(keys.open(key, bytes(one.row_enc)), type=list[str]))
        for one in found
    ]


def refused_head(row: FileRow) -> list[str]:
    """The first line of the file of refused rows: the file's own columns first, so that a mended copy can be uploaded as it is."""
    return [*row.header, "行号 row", "原因", "reason"]


def refused_lines(row: FileRow, rows: Sequence[tuple[int, str, str, list[str]]]) -> Iterator[list[str]]:
    """Refused rows as lines of that file."""
    width = len(row.header)
    for number, zh, en, cells in rows:
        yield [*cells[:width], *[""] * (width - len(cells)), str(number), zh, en]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source of files: how many, how many rows, how many of them were refused, and the score of its newest file."""

    source: str
    files: int
    rows: int
    refused: int
    score: int | None
    last_at: datetime


def sources(tx: Tx) -> list[SourceLine]:
    """How good each source's data is, the most recent first."""
    return tx.all(
        SourceLine,
        """
        select source, count(*)::int as files, sum(rows_done)::bigint as rows, sum(refused)::bigint as refused,
               max(created_at) as last_at,
               round((array_agg((quality->>'score')::numeric order by id desc) filter (where quality is not null))[1])::int as score
        from import_file where tenant_id = %(tenant)s and job_id is not null
        group by source order by max(created_at) desc limit 100
        """,
        {"tenant": tx.tenant_id},
    )
