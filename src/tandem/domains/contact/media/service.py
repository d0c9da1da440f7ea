"""Files as people keep them: taken in once whatever they are called, shown, put away when nothing uses them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.media.looks import BYTES_LEAST, BYTES_MAX, looks, named
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id

PART_BYTES: Final = 512 * 1024
KEPT_MAX: Final = 5_000
KEPT_BYTES_MAX: Final = 5 << 30
"""All files of a tenant together."""
#: Where a file may stand in what is kept; a file that stands somewhere is not put away.
_USES: Final = (
    ("welcome_message", "attachments"),
    ("mass_send", "attachments"),
    ("group_welcome", "attachment"),
    ("group_playbook_step", "attachments"),
    ("flow", "draft"),
    ("flow_version", "graph"),
)
#: Rows of these that will never carry anything again.
_OVER: Final = {"mass_send": "status in ('done', 'cancelled')", "flow_version": "status = 'retired'"}


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A file without its bytes."""

    id: UUID
    name: str
    kind: str
    type: str
    size: int
    width: int | None
    height: int | None
    created_at: datetime


_MEDIA: Final = """
select id, name, kind, type, size, width, height, created_at from media_file where tenant_id = %(tenant)s
"""


def keep(tx: Tx, name: str, content: bytes) -> UUID:
    """Keep a file; the same bytes under the same name are one. Raises InvalidInput for what may not be sent, Conflict without room."""
    found = looks(content) if len(content) >= BYTES_LEAST else None
    if found is None:
        raise _wrong(
            "只支持 JPG、PNG 图片，MP4 视频，以及 PDF、Word、Excel、PPT、ZIP、TXT 文件。",
            "Only JPG and PNG pictures, MP4 videos, and PDF, Word, Excel, PowerPoint, ZIP or text files can be sent.",
        )
    most = BYTES_MAX[found.kind]
    if len(content) > most:
        raise _wrong(f"最大 {most >> 20} MB。", f"{most >> 20} MB at most.")
    digest, whole = hashlib.sha256(content).hexdigest(), named(name, found.type)
    params = {"tenant": tx.tenant_id, "digest": digest, "name": whole}
    known: UUID | None = tx.value(
        "select id from media_file where tenant_id = %(tenant)s and digest = %(digest)s and name = %(name)s and not archived",
        params,
    )
    if known is not None:
        return known
    _make_room(tx, len(content))
    media_id: UUID | None = tx.value(
        """
        insert into media_file (id, tenant_id, name, kind, type, size, width, height, digest, created_by, created_at)
        values (%(id)s, %(tenant)s, %(name)s, %(kind)s, %(type)s, %(size)s, %(width)s, %(height)s, %(digest)s, %(user)s, now())
        on conflict (tenant_id, digest, name) do update set archived = false, created_by = excluded.created_by, created_at = excluded.created_at
        where media_file.archived returning id
        """,
        params | {
            "id": new_id(), "kind": found.kind, "type": found.type, "size": len(content), "width": found.width, "height": found.height,
            "user": tx.user_id,
        },
    )  # fmt: skip
    if media_id is None:  # somebody else kept the same one just now
        return keep(tx, name, content)
    _keep_parts(tx, media_id, content)
    audit.record(tx, "media.kept", "media_file", media_id, None, {"name": whole, "bytes": len(content)})
    return media_id


def _make_room(tx: Tx, more: int) -> None:
    """Whether so many bytes more may be kept. A tenant's uploads are let in one by one, so that many do not pass together."""
    tx.execute("select pg_advisory_xact_lock(hashtext('media'), hashtext(%(t)s::text))", {"t": tx.tenant_id})
    count, used = tx.cursor(
        "select count(*), coalesce(sum(size), 0)::bigint from media_file where tenant_id = %(tenant)s and not archived",
        {"tenant": tx.tenant_id},
    ).fetchall()[0]
    if count >= KEPT_MAX:
        raise Conflict("too_many_media", f"最多 {KEPT_MAX} 个文件，请先删除不用的。", f"{KEPT_MAX} files at most: remove what is not used.")  # fmt: skip
    if used + more > KEPT_BYTES_MAX:
        raise Conflict(
            "media_full",
            f"文件空间不足：已用 {used >> 20} MB，共 {KEPT_BYTES_MAX >> 20} MB，这个文件 {max(1, more >> 20)} MB。请先删除不用的文件。",
            f"No room: {used >> 20} of {KEPT_BYTES_MAX >> 20} MB are used and this file has {max(1, more >> 20)} MB. Remove files that are not used.",
        )


def _keep_parts(tx: Tx, media_id: UUID, content: bytes) -> None:
    for number, begin in enumerate(range(0, len(content), PART_BYTES)):
        tx.execute(
            "insert into media_part (tenant_id, media_id, number, bytes) values (%(tenant)s, %(id)s, %(number)s, %(bytes)s)",
            {"tenant": tx.tenant_id, "id": media_id, "number": number, "bytes": content[begin : begin + PART_BYTES]},
        )


def list_media(tx: Tx, *, kind: str | None, cursor: str | None, limit: int) -> tuple[list[MediaRow], str | None]:
    """A page of files, newest first. Raises InvalidInput for a cursor we did not make."""
    made, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        MediaRow,
        f"""{_MEDIA} and not archived and (%(kind)s::text is null or kind = %(kind)s)
        and (%(made)s::timestamptz is null or (created_at, id) < (%(made)s::timestamptz, %(last)s::uuid))
        order by created_at desc, id desc limit %(more)s""",
        {"tenant": tx.tenant_id, "kind": kind, "made": made, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "created_at", "id")


def get_media(tx: Tx, media_id: UUID) -> MediaRow:
    """One file. Raises NotFound."""
    row = tx.maybe(MediaRow, f"{_MEDIA} and id = %(id)s", {"tenant": tx.tenant_id, "id": media_id})
    if row is None:
        raise _gone()
    return row


def _gone() -> NotFound:
    return NotFound("no_such_media", "没有这个文件。", "There is no such file.")


def kinds_of(tx: Tx, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Kind and type of the files that are there; none of them is removed before the transaction that is to carry them ends."""
    found = tx.cursor(
        "select id, kind, type from media_file where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and not archived order by id for share",
        {"tenant": tx.tenant_id, "ids": ids},
    )
    return {row[0]: (row[1], row[2]) for row in found}


def content(tx: Tx, media_id: UUID) -> bytes:
    """A file's bytes."""
    return b"".join(stretches(tx, media_id))


def stretch(tx: Tx, media_id: UUID, number: int) -> bytes:
    """One stretch of a file's bytes, the first is 0. Raises NotFound past the last one."""
    found: bytes | None = tx.value(
        "select bytes from media_part where tenant_id = %(tenant)s and media_id = %(media)s and number = %(number)s",
        {"tenant": tx.tenant_id, "media": media_id, "number": number},
    )
    if found is None:
        raise _gone()
    return bytes(found)


def stretches(tx: Tx, media_id: UUID) -> Iterator[bytes]:
    """A file's bytes, a stretch at a time."""
    rows = tx.cursor(
        "select bytes from media_part where tenant_id = %(tenant)s and media_id = %(id)s order by number",
        {"tenant": tx.tenant_id, "id": media_id},
    )
    for row in rows:
        yield bytes(row[0])


def remove(tx: Tx, media_id: UUID) -> None:
    """Put a file away and free its bytes; what it was called stays with what was sent with it.

    Raises NotFound, Conflict where something still carries it.
    """
    before = get_media(tx, media_id)
    tx.execute("select 1 from media_file where tenant_id = %(tenant)s and id = %(id)s for update", {"tenant": tx.tenant_id, "id": media_id})  # fmt: skip
    if in_use(tx, media_id):
        raise Conflict("media_in_use", "还有消息在用这个文件。", "A message still carries this file.")
    tx.execute(
        "update media_file set archived = true where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": media_id},
    )
    for table in ("media_part", "media_lent"):
        tx.execute(
            f"delete from {table} where tenant_id = %(tenant)s and media_id = %(id)s",
            {"tenant": tx.tenant_id, "id": media_id},
        )
    audit.record(tx, "media.removed", "media_file", media_id, {"name": before.name, "bytes": before.size}, None)


def in_use(tx: Tx, media_id: UUID) -> bool:
    """Whether anything that may still be sent carries a file."""
    asked = " or ".join(
        f"exists (select from {table} where tenant_id = %(tenant)s and position(%(id)s::text in {column}::text) > 0"
        f"{f' and not ({_OVER[table]})' if table in _OVER else ''})"
        for table, column in _USES
    )
    params = {"tenant": tx.tenant_id, "id": str(media_id)}
    return bool(tx.value(f"select {asked} or exists (select from material where tenant_id = %(tenant)s and media_id = %(id)s::uuid and status <> 'archived')", params))  # fmt: skip


def _wrong(zh: str, en: str) -> InvalidInput:
    return InvalidInput("bad_media", "文件不能使用。", "This file cannot be used.", details=(Detail("file", zh, en),))
