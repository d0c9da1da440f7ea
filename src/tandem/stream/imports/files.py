"""An import as it stands, and its sealed pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import NotFound
from tandem.stream.imports.rows import Line
from tandem.stream.keys import data_key
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class FileRow:
    """An import as it stands. `state` is its newest job's, "reading" or "uploaded" before it is started, "undone" after an undo."""

    id: UUID
    kind: str
    file_name: str
    format: str
    encoding: str
    delimiter: str
    header: list[str]
    mapping: dict[str, int]
    cleaning: list[str]
    notices: list[dict[str, str]]
    quality: dict[str, Any] | None
    source: str
    key_enc: bytes
    bytes: int
    parts: int
    pieces: int
    cut_by: int | None
    rows_total: int
    rows_done: int
    accepted: int
    duplicates: int
    updates: int
    refused: int
    left_out: int
    people_made: int
    read_job_id: UUID | None
    job_id: UUID | None
    undo_job_id: UUID | None
    mends: UUID | None
    state: str
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reach: list[UUID] | None

    @property
    def scope(self) -> Scope:
        """How far whoever started it reaches."""
        return Scope.all() if self.reach is None else Scope("store", tuple(self.reach))

    def key(self, keys: TenantKeys) -> bytes:
        """The file's data key, opened."""
        return data_key(keys, bytes(self.key_enc))


_STATE: Final = """
case when f.undo_job_id is not null then case when j.state = 'done' then 'undone' when j.state in ('queued', 'running') then 'undoing'
                                              else 'undo_failed' end
     when f.job_id is not null then j.state
     when f.read_job_id is not null and j.state in ('failed', 'cancelled') then 'failed'
     else f.state end
"""
_ROWS: Final = f"""
select f.id, f.kind, f.file_name, f.format, f.encoding, f.delimiter, f.header, f.mapping, f.cleaning, f.notices, f.quality, f.source, f.key_enc,
       f.bytes, f.parts, f.pieces, f.cut_by, f.rows_total, f.rows_done, f.accepted, f.duplicates, f.updates, f.refused, f.left_out, f.people_made,
       f.read_job_id, f.job_id, f.undo_job_id, f.mends, {_STATE} as state, coalesce(j.done, 0) as done, j.total, j.result, j.error,
       f.created_at, f.started_at, j.finished_at, f.reach
from import_file as f left join job as j on j.tenant_id = f.tenant_id and j.id = coalesce(f.undo_job_id, f.job_id, f.read_job_id)
where f.tenant_id = %(tenant)s and (%(by)s::uuid is null or f.created_by = %(by)s)
"""


def _by(tx: Tx) -> UUID | None:
    """A file holds people of every shop: whoever does not reach everything sees the files they brought themselves."""
    return None if tx.scope.kind == "all" else tx.user_id


def get(tx: Tx, import_id: UUID) -> FileRow:
    """One import that the caller may see. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "id": import_id, "by": _by(tx)}
    found = tx.maybe(FileRow, f"{_ROWS} and f.id = %(id)s", params)
    if found is None:
        raise NotFound("no_such_import", "没有这次导入。", "There is no such import.")
    return found


def page(tx: Tx, *, before: UUID | None, limit: int) -> list[FileRow]:
    """Imports, newest first."""
    params = {"tenant": tx.tenant_id, "before": before, "limit": limit, "by": _by(tx)}
    return tx.all(
        FileRow,
        f"{_ROWS} and (%(before)s::uuid is null or f.id < %(before)s) order by f.id desc limit %(limit)s",
        params,
    )


def seal_lines(keys: TenantKeys, key: bytes, lines: Sequence[Line]) -> bytes:
    """A piece, sealed."""
    return keys.seal(key, to_json([[line.number, line.cells] for line in lines]))


def lines_of(keys: TenantKeys, key: bytes, sealed: bytes) -> list[Line]:
    """A sealed piece, opened."""
    opened = keys.open(key, bytes(sealed))
    return [Line(number, cells) for number, cells in msgspec.json.decode(opened, type=list[tuple[int, list[str]]])]


def first_lines(tx: Tx, keys: TenantKeys, row: FileRow, most: int) -> list[Line]:
    """The first lines of a file that is cut and not yet taken in, at most so many and never half a piece's record."""
    found: list[Line] = []
    for number in range(row.pieces):
        sealed = tx.value(
            "select rows_enc from import_piece where tenant_id = %(tenant)s and import_id = %(import)s and number = %(number)s",
            {"tenant": tx.tenant_id, "import": row.id, "number": number},
        )
        if sealed is None or len(found) >= most:
            break
        found += lines_of(keys, row.key(keys), sealed)
    return found
