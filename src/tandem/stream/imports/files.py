"""An import as it stands, and its sealed pieces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.stream.imports.records import Line
from tandem.stream.keys import day_key


@dataclass(frozen=True, slots=True)
class FileRow:
    """An import as it stands. `state` is the job's, or "uploaded" before there is one."""

    id: UUID
    kind: str
    file_name: str
    encoding: str
    delimiter: str
    header: list[str]
    mapping: dict[str, int]
    source: str
    key_day: date
    pieces: int
    rows_total: int
    rows_done: int
    accepted: int
    duplicates: int
    updates: int
    refused: int
    job_id: UUID | None
    state: str
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


_ROWS: Final = """
select f.id, f.kind, f.file_name, f.encoding, f.delimiter, f.header, f.mapping, f.source, f.key_day, f.pieces, f.rows_total,
       coalesce(j.done, 0) as rows_done, f.accepted, f.duplicates, f.updates, f.refused, f.job_id,
       coalesce(j.state, 'uploaded') as state, j.error, f.created_at, j.finished_at
from import_file as f left join job as j on j.tenant_id = f.tenant_id and j.id = f.job_id
where f.tenant_id = %(tenant)s
"""


def get(tx: Tx, import_id: UUID) -> FileRow:
    """One import. Raises NotFound."""
    found = tx.maybe(FileRow, f"{_ROWS} and f.id = %(id)s", {"tenant": tx.tenant_id, "id": import_id})
    if found is None:
        raise NotFound("no_such_import", "没有这次导入。", "There is no such import.")
    return found


def page(tx: Tx, *, before: UUID | None, limit: int) -> list[FileRow]:
    """Imports, newest first."""
    params = {"tenant": tx.tenant_id, "before": before, "limit": limit}
    return tx.all(
        FileRow,
        f"{_ROWS} and (%(before)s::uuid is null or f.id < %(before)s) order by f.id desc limit %(limit)s",
        params,
    )


def open_piece(tx: Tx, keys: TenantKeys, row: FileRow, number: int) -> list[Line]:
    sealed = tx.value(
        "select rows_enc from import_piece where tenant_id = %(tenant)s and import_id = %(import)s and number = %(number)s",
        {"tenant": tx.tenant_id, "import": row.id, "number": number},
    )
    if sealed is None:
        return []
    opened = keys.open(day_key(tx, keys, row.key_day), bytes(sealed))
    return [Line(number, cells) for number, cells in msgspec.json.decode(opened, type=list[tuple[int, list[str]]])]
