"""Routes of the radar: what browsers of strangers call, and what it showed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from tandem.access.devices import party_of
from tandem.access.http import Access, allowed, database_of, public
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.domains.contact.material import service
from tandem.domains.contact.media.api import answer
from tandem.domains.contact.radar import door, figures, page
from tandem.kernel.db import Scope
from tandem.stream.beacon.door import is_bot
from tandem.stream.customer import view

router: Final = APIRouter(tags=["radar"])
public_router: Final = APIRouter(tags=["radar"], include_in_schema=False)
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Days = Annotated[int, Query(ge=1, le=366, description="How many days back")]
_OPEN: Final = "customers open links without an account here; the link's own signature says whose it is"


class ReadingFigures(BaseModel):
    """What content did. `seconds`: on the mean of an opening."""

    model_config = ConfigDict(from_attributes=True)
    key: str
    name: str
    opened: int
    readers: int
    strangers: int
    seconds: int
    finished: int
    liked: int
    forwarded: int


class ReaderOut(BaseModel):
    """A customer who read. `depth` in per cent."""

    customer_id: UUID
    name: str | None
    opened_at: datetime
    times: int
    seconds: int
    depth: int
    liked: bool
    forwarded: bool


@router.get("/radar")
def list_radar(access: Reader, days: Days = 30, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[ReadingFigures]:
    """What every material did, most opened first; those nobody opened are not listed."""
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        ids = [one.id for one in service.list_materials(tx)]
        rows, following = page_in_memory(figures.of_materials(tx, ids, days), cursor, limit, "key")
    return Page(items=[ReadingFigures.model_validate(row) for row in rows], next=following)


@router.get("/radar/{material_id}/advisers")
def list_radar_advisers(
    access: Reader, material_id: UUID, days: Days = 30, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[ReadingFigures]:
    """What a material did by adviser."""
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        service.get_material(tx, material_id)
        rows, following = page_in_memory(figures.of_advisers(tx, [material_id], days), cursor, limit, "key")
    return Page(items=[ReadingFigures.model_validate(row) for row in rows], next=following)


@router.get("/radar/{material_id}/readers")
def list_radar_readers(
    access: Annotated[Access, Depends(allowed("customer.read"))],
    material_id: UUID,
    cursor: Cursor = None,
    limit: LongLimit = 100,
) -> Page[ReaderOut]:
    """Who read a material, the latest first."""
    with access.tx() as tx:
        service.get_material(tx, material_id)
        rows, following = page_in_memory(figures.readers(tx, material_id, 1000), cursor, limit, "customer_id")
    names = view.names(access, [row.customer_id for row in rows])
    items = [
        ReaderOut(
            customer_id=row.customer_id, name=names.get(row.customer_id), opened_at=row.opened_at, times=row.times, seconds=row.seconds,
            depth=row.depth, liked=row.liked, forwarded=row.forwarded,
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


# -------------------------------------------------------------------------------------------------- strangers' browsers


def address_of(request: Request) -> str:
    """Who calls, for limits."""
    return party_of(request.client.host if request.client else "")


async def bounded_body(request: Request) -> bytes:
    """The body as it came, read no further than what `door.take` refuses."""
    size, parts = 0, list[bytes]()
    async for part in request.stream():
        size += len(part)
        parts.append(part)
        if size > door.BODY_BYTES_MAX:
            break
    return b"".join(parts)


@public_router.get(
    "/radar.js", dependencies=[Depends(public("the script is the same for everybody and is in the source"))]
)
def radar_script() -> Response:
    """The script that pages of content load."""
    return Response(
        page.script(), media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"}
    )


@public_router.get("/r/{token}", dependencies=[Depends(public(_OPEN))])
def show_content(request: Request, token: str) -> HTMLResponse:
    """The page behind a link. Fetching it counts for nothing."""
    found = door.look(database_of(request), token, address_of(request))
    language = page.language_of(request.headers.get("accept-language", ""))
    status = 200 if found.material is not None else 410
    return HTMLResponse(page.content(found.material, language, token), status, headers=page.HEADERS)


@public_router.get("/r/{token}/file", dependencies=[Depends(public(_OPEN))])
def show_file(request: Request, token: str) -> Response:
    """The file of a material that may be shown today."""
    db = database_of(request)
    found = door.file_of(db, token, address_of(request))
    if found is None:
        return Response(status_code=410)
    return answer(db, *found, cache="private, max-age=3600")


@public_router.post("/r/{token}/seen", dependencies=[Depends(public(_OPEN))])
def take_reading(request: Request, token: str, body: Annotated[bytes, Depends(bounded_body)]) -> Response:
    """Take what a page tells. Programs that fetch pages get the same answer and count for nothing."""
    if not is_bot(request.headers.get("user-agent", "")):
        door.take(database_of(request), token, address_of(request), body)
    return Response(status_code=204)
