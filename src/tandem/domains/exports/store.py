"""Exports as they stand, and their sealed parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.stream.keys import data_key


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export. `status` joins its own state with its job's."""

    id: UUID
    list: str
    format: str
    filters: dict[str, Any]
    plain: bool
    reason: str
    watermark: str
    scope: dict[str, Any]
    state: str
    key_enc: bytes
    job_id: UUID | None
    rows: int
    bytes: int
    parts: int
    downloads: int
    created_by: UUID
    created_by_name: str | None
    decided_by_name: str | None
    created_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None
    status: str
    done: int
    total: int | None
    error: dict[str, Any] | None
    finished_at: datetime | None

    def key(self, keys: TenantKeys) -> bytes:
        """The export's data key, opened."""
        return data_key(keys, bytes(self.key_enc))


_STATUS: Final = """
case when x.state in ('waiting', 'refused', 'cancelled', 'expired') then x.state
     when j.state = 'done' and x.expires_at <= now() then 'expired'
     else coalesce(j.state, 'queued') end
"""
_ROWS: Final = f"""
select x.id, x.list, x.format, x.filters, x.plain, x.reason, x.watermark, x.scope, x.state, x.key_enc, x.job_id, x.rows, x.bytes, x.parts,
       x.downloads, x.created_by, u.name as created_by_name, d.name as decided_by_name, x.created_at, x.decided_at, x.expires_at,
       {_STATUS} as status, coalesce(j.done, 0) as done, j.total, j.error, j.finished_at
from export_file as x
left join job as j on j.tenant_id = x.tenant_id and j.id = x.job_id
left join staff_user as u on u.tenant_id = x.tenant_id and u.id = x.created_by
left join staff_user as d on d.tenant_id = x.tenant_id and d.id = x.decided_by
where x.tenant_id = %(tenant)s
"""


def get(tx: Tx, export_id: UUID) -> ExportRow:
    """One export. Raises NotFound."""
    found = tx.maybe(ExportRow, f"{_ROWS} and x.id = %(id)s", {"tenant": tx.tenant_id, "id": export_id})
    if found is None:
        raise NotFound("no_such_export", "没有这个导出任务。", "There is no such export.")
    return found


def page(tx: Tx, *, of: UUID | None, before: UUID | None, limit: int) -> list[ExportRow]:
    """Exports, newest first; `of` one person, or of everybody."""
    return tx.all(
        ExportRow,
        f"""
        {_ROWS} and (%(of)s::uuid is null or x.created_by = %(of)s) and (%(before)s::uuid is null or x.id < %(before)s)
        order by x.id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "of": of, "before": before, "limit": limit},
    )


def open_part(tx: Tx, keys: TenantKeys, row: ExportRow, number: int) -> bytes:
    """One part of the file; nothing where it is gone."""
    sealed = tx.value(
        "select bytes_enc from export_part where tenant_id = %(tenant)s and export_id = %(export)s and number = %(number)s",
        {"tenant": tx.tenant_id, "export": row.id, "number": number},
    )
    return b"" if sealed is None else keys.open_bytes(row.key(keys), bytes(sealed))


def drop_parts(tx: Tx, export_id: UUID) -> None:
    """Let go of the file."""
    tx.execute(
        "delete from export_part where tenant_id = %(tenant)s and export_id = %(export)s",
        {"tenant": tx.tenant_id, "export": export_id},
    )
