"""Routes of files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page
from tandem.domains.contact.media import service
from tandem.domains.contact.media.looks import BYTES_MAX
from tandem.kernel.db import Database
from tandem.kernel.errors import Detail, InvalidInput

router: Final = APIRouter(tags=["media"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("material.write"))]
Kind = Literal["image", "video", "file"]


class MediaOut(BaseModel):
    """A picture, a video or a file. `type` is what its bytes are."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    kind: Kind
    type: str
    size: int
    width: int | None
    height: int | None
    created_at: datetime


@router.post("/media", status_code=201)
def upload_media(access: Writer, file: UploadFile) -> MediaOut:
    """Keep a file for messages: a picture up to 2 MB, a video up to 10 MB, another file up to 20 MB."""
    most = max(BYTES_MAX.values())
    content = file.file.read(most + 1)
    if len(content) > most:
        raise InvalidInput(
            "bad_media", "文件不能使用。", "This file cannot be used.",
            details=(Detail("file", f"最大 {most >> 20} MB。", f"{most >> 20} MB at most."),),
        )  # fmt: skip
    with access.tx() as tx:
        return MediaOut.model_validate(service.get_media(tx, service.keep(tx, file.filename or "", content)))


@router.get("/media")
def list_media(access: Reader, kind: Kind | None = None, cursor: Cursor = None, limit: Limit = 50) -> Page[MediaOut]:
    """Files, newest first."""
    with access.tx() as tx:
        rows, following = service.list_media(tx, kind=kind, cursor=cursor, limit=limit)
    return Page(items=[MediaOut.model_validate(row) for row in rows], next=following)


@router.get("/media/{media_id}")
def get_media(access: Reader, media_id: UUID) -> MediaOut:
    """One file, without its bytes."""
    with access.tx() as tx:
        return MediaOut.model_validate(service.get_media(tx, media_id))


@router.get("/media/{media_id}/content", response_class=Response)
def get_media_content(access: Reader, media_id: UUID) -> Response:
    """A file's bytes. Pictures and videos may be shown where they are asked for, everything else is saved."""
    with access.tx() as tx:
        row = service.get_media(tx, media_id)
        first = service.stretch(tx, media_id, 0)
    return answer(access.db, access.tenant_id, row, first, "private, max-age=86400, immutable")


def answer(db: Database, tenant: UUID, row: service.MediaRow, first: bytes, cache: str) -> Response:
    """A file as an answer that no browser takes for something else; `first` is its first stretch.

    One stretch at a time is in memory, each read by a transaction of its own: a browser that takes a minute holds none.
    """
    how = "attachment" if row.kind == "file" and row.type != "application/pdf" else "inline"
    headers = {
        "content-disposition": f"{how}; filename*=UTF-8''{quote(row.name)}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": cache,
        "content-length": str(row.size),
    }
    return StreamingResponse(_sent(db, tenant, row, first), media_type=row.type, headers=headers)


def _sent(db: Database, tenant: UUID, row: service.MediaRow, first: bytes) -> Iterator[bytes]:
    yield first
    for number in range(1, -(-row.size // service.PART_BYTES)):
        with db.tx("web", tenant=tenant) as tx:
            part = service.stretch(tx, row.id, number)
        yield part


@router.delete("/media/{media_id}", status_code=204)
def remove_media(access: Writer, media_id: UUID) -> None:
    """Put a file away that no message carries."""
    with access.tx() as tx:
        service.remove(tx, media_id)
