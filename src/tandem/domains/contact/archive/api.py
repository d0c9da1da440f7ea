"""Routes of the chat archive. Whoever sees what was said holds `archive.read`, and every look is on the trail."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.archive import accounts, inspecting, quarantine, reading, searching
from tandem.domains.contact.archive.shapes import (
    ArchiveAccountOut,
    ArchiveChange,
    ArchiveFoundOut,
    ArchiveMessageOut,
    ArchiveSearchOut,
    ArchiveTalkOut,
    BrokenMessageOut,
    By,
    InspectionHitChange,
    InspectionHitOut,
    InspectionListOut,
    NewInspectionList,
    OfTalk,
    ReplyFigures,
)
from tandem.stream.customer.view import names

T = TypeVar("T", bound=OfTalk)
router: Final = APIRouter(tags=["contact"])
Looker = Annotated[Access, Depends(allowed("archive.read"))]
Writer = Annotated[Access, Depends(allowed("archive.write"))]
Days = Annotated[int, Query(ge=1, le=366, description="How many days back")]


@router.get("/archive/accounts")
def list_archive_accounts(access: Looker, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[ArchiveAccountOut]:
    """Accounts that may have an archive, and how it is read."""
    with access.tx() as tx:
        rows, following = page_in_memory(accounts.list_accounts(tx), cursor, limit, "account_id")
    return Page(items=[ArchiveAccountOut.model_validate(row) for row in rows], next=following)


@router.patch("/archive/accounts/{account_id}")
def change_archive_account(access: Writer, account_id: UUID, given: ArchiveChange) -> ArchiveAccountOut:
    """Switch an archive on or off; say its service hours, when waiting is too long, how many talks are scored."""
    with access.tx() as tx:
        return ArchiveAccountOut.model_validate(accounts.change(tx, account_id, given))


@router.get("/archive/accounts/{account_id}/broken")
def list_broken_messages(
    access: Looker, account_id: UUID, cursor: Cursor = None, limit: LongLimit = 500
) -> Page[BrokenMessageOut]:
    """Messages over which the platform's library broke each time, and which were set aside; the latest first."""
    with access.tx() as tx:
        rows, following = page_in_memory(quarantine.listed(tx, account_id), cursor, limit, "seq")
    return Page(items=[BrokenMessageOut.model_validate(row) for row in rows], next=following)


@router.post("/archive/accounts/{account_id}/broken/{seq}/retry", status_code=204)
def retry_broken_message(access: Writer, account_id: UUID, seq: int) -> None:
    """Have one tried again soon: the library may have been renewed."""
    with access.tx() as tx:
        quarantine.ask_again(tx, account_id, seq)


@router.get("/archive/talks")
def list_archive_talks(
    access: Looker,
    which: Literal["all", "waiting", "late", "hits"] = "all",
    member: Annotated[str | None, Query(max_length=64)] = None,
    customer_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ArchiveTalkOut]:
    """Talks whose customers agreed, the latest first."""
    with access.tx() as tx:
        rows, following = reading.list_talks(
            tx, which=which, member=member, customer=customer_id, cursor=cursor, limit=limit
        )
    return Page(items=_talks(access, rows), next=following)


@router.get("/archive/talks/{talk_id}")
def get_archive_talk(access: Looker, talk_id: UUID) -> ArchiveTalkOut:
    """One talk."""
    with access.tx() as tx:
        row = reading.get_talk(tx, talk_id)
    return _talks(access, [row])[0]


@router.get("/archive/talks/{talk_id}/messages")
def list_archive_messages(
    access: Looker,
    talk_id: UUID,
    q: Annotated[str | None, Query(max_length=60)] = None,
    until: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ArchiveMessageOut]:
    """What was said, the latest first; with `q` only what says so, with `until` only what was said before. Every look is on the trail."""
    with access.tx() as tx:
        rows, following = reading.messages(tx, talk_id, q=q, cursor=cursor, limit=limit, until=until)
    return Page(items=[ArchiveMessageOut.model_validate(row, from_attributes=True) for row in rows], next=following)


@router.get("/archive/search")
def search_archive(
    access: Looker,
    q: Annotated[str, Query(min_length=1, max_length=60, description="Words that all have to be said in one message")],
    member: Annotated[str | None, Query(max_length=64)] = None,
    customer_id: UUID | None = None,
    said_by: By | None = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ArchiveSearchOut:
    """Messages of all talks that the caller may read, the latest first.

    What was said lies sealed and in no index: an answer opens up to 10,000 messages going back in time, and `next` goes on from there.
    """
    words = searching.words_of(q)
    with access.tx() as tx:
        since, until = searching.days(tx, first, last)
        wanted = searching.Wanted(words, member, customer_id, said_by, since, until)
        sought = searching.search(tx, wanted, cursor=cursor, limit=limit)
    called = names(access, [one.row.customer_id for one in sought.found])
    items = [_of_talk(ArchiveFoundOut, one.row, called, text=one.text) for one in sought.found]
    return ArchiveSearchOut(items=items, next=sought.following, opened=sought.opened, back_to=sought.back_to)


@router.get("/archive/talks/{talk_id}/messages/{message_id}/file")
def get_archive_file(access: Looker, talk_id: UUID, message_id: UUID) -> Response:
    """A message's file, fetched from the platform, which keeps it for some days. Always a download: it is a stranger's."""
    with access.tx() as tx:
        name, content = reading.file_of(access.db, tx, talk_id, message_id)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=kind, headers=headers)


@router.get("/archive/replies")
def list_reply_figures(
    access: Looker, days: Days = 7, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[ReplyFigures]:
    """How soon advisers answered, the slowest first; who waits for them now."""
    with access.tx() as tx:
        rows, following = page_in_memory(reading.reply_figures(tx, days), cursor, limit, "member")
    return Page(items=[ReplyFigures.model_validate(row) for row in rows], next=following)


# ---------------------------------------------------------------------------------------------------------- inspection


@router.get("/inspection-lists")
def list_inspection_lists(access: Looker, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[InspectionListOut]:
    """Lists of watched words."""
    with access.tx() as tx:
        rows, following = page_in_memory(inspecting.list_lists(tx), cursor, limit, "id")
    return Page(items=[InspectionListOut.model_validate(row) for row in rows], next=following)


@router.post("/inspection-lists", status_code=201)
def create_inspection_list(access: Writer, given: NewInspectionList) -> InspectionListOut:
    """Watch for these words from now on."""
    with access.tx() as tx:
        return InspectionListOut.model_validate(inspecting.put_list(tx, given))


@router.put("/inspection-lists/{list_id}")
def change_inspection_list(access: Writer, list_id: UUID, given: NewInspectionList) -> InspectionListOut:
    """Change a list; what was found stays."""
    with access.tx() as tx:
        return InspectionListOut.model_validate(inspecting.put_list(tx, given, list_id))


@router.delete("/inspection-lists/{list_id}", status_code=204)
def remove_inspection_list(access: Writer, list_id: UUID) -> None:
    """Watch for these words no more; what was found stays."""
    with access.tx() as tx:
        inspecting.remove_list(tx, list_id)


@router.get("/inspection-hits")
def list_inspection_hits(
    access: Looker,
    state: Literal["open", "handled", "ignored"] | None = None,
    said_by: By | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[InspectionHitOut]:
    """Watched words that were said, the latest first, with what stands around them."""
    with access.tx() as tx:
        rows, following = inspecting.list_hits(tx, state=state, said_by=said_by, cursor=cursor, limit=limit)
    return Page(items=_hits(access, rows), next=following)


@router.post("/inspection-hits/{hit_id}")
def settle_inspection_hit(access: Looker, hit_id: UUID, given: InspectionHitChange) -> InspectionHitOut:
    """Say what was done about a hit."""
    with access.tx() as tx:
        row = inspecting.settle_hit(tx, hit_id, given)
    return _hits(access, [row])[0]


def _talks(access: Access, rows: Sequence[reading.TalkRow]) -> list[ArchiveTalkOut]:
    called = names(access, [row.customer_id for row in rows])
    return [
        ArchiveTalkOut.model_validate(
            {name: getattr(row, name) for name in reading.TalkRow.__slots__} | {"customer": called.get(row.customer_id)}
        )
        for row in rows
    ]


def _hits(access: Access, hits: Sequence[inspecting.Hit]) -> list[InspectionHitOut]:
    called = names(access, [one.row.customer_id for one in hits])
    return [_of_talk(InspectionHitOut, one.row, called, context=one.context) for one in hits]


def _of_talk(shape: type[T], row: Any, called: Mapping[UUID, str | None], **more: str) -> T:
    known = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    return shape.model_validate(known | {"customer": called.get(row.customer_id)} | more)
