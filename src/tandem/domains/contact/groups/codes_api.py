"""Routes of group codes and of words for newcomers."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from fastapi import APIRouter, Response

from tandem.access.http import Access
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact import pictures
from tandem.domains.contact.groups import codes, greetings
from tandem.domains.contact.groups.api import Reader, Writer
from tandem.domains.contact.groups.shapes import (
    ChannelJoins,
    GroupCodeChange,
    GroupCodeOut,
    GroupSeatOut,
    GroupWelcomeChange,
    GroupWelcomeOut,
    NewGroupCode,
    NewGroupWelcome,
)
from tandem.domains.contact.placing import problem_words
from tandem.kernel.db import Scope

codes_router: Final = APIRouter(tags=["contact"])
router = codes_router


@router.get("/group-codes")
def list_group_codes(
    access: Reader, *, archived: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[GroupCodeOut]:
    """Codes that lead into groups with what they brought, newest first."""
    with access.tx() as tx:
        rows, following = codes.list_codes(tx, archived=archived, cursor=cursor, limit=limit)
    return Page(items=_shown(access, rows), next=following)


@router.get("/group-codes/channels")
def list_group_channels(access: Reader, cursor: Cursor = None, limit: LongLimit = 200) -> Page[ChannelJoins]:
    """What group codes brought by source, most first."""
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        rows, following = page_in_memory(codes.by_channel(tx), cursor, limit, "channel")
    return Page(items=[ChannelJoins.model_validate(row) for row in rows], next=following)


@router.post("/group-codes", status_code=201)
def create_group_code(access: Writer, given: NewGroupCode) -> GroupCodeOut:
    """Set a group code up; the platform's follows within a moment."""
    with access.tx() as tx:
        code_id = codes.create_code(tx, given)
    return _one(access, code_id)


@router.get("/group-codes/{code_id}/picture", response_class=Response)
def get_group_code_picture(access: Reader, code_id: UUID, *, named: bool = False) -> Response:
    """The code as a picture: the platform's own, or drawn here; `named`: as SVG with its name under it."""
    with access.tx() as tx:
        name, picture = pictures.picture_of(access.db, tx, code_id)
    shown = pictures.Picture("image/svg+xml", pictures.named(picture, name)) if named else picture
    return pictures.answer(shown)


@router.get("/group-codes/{code_id}")
def get_group_code(access: Reader, code_id: UUID) -> GroupCodeOut:
    """One group code."""
    return _one(access, code_id)


@router.patch("/group-codes/{code_id}")
def change_group_code(access: Writer, code_id: UUID, given: GroupCodeChange) -> GroupCodeOut:
    """Change a group code; the printed QR code stays the same."""
    with access.tx() as tx:
        codes.change_code(tx, code_id, given)
    return _one(access, code_id)


@router.delete("/group-codes/{code_id}", status_code=204)
def archive_group_code(access: Writer, code_id: UUID) -> None:
    """Retire a group code: it leads nowhere any more; what it brought stays."""
    with access.tx() as tx:
        codes.archive_code(tx, code_id)


def _one(access: Access, code_id: UUID) -> GroupCodeOut:
    with access.tx() as tx:
        row = codes.get_code(tx, code_id)
    return _shown(access, [row])[0]


def _shown(access: Access, rows: list[codes.CodeRow]) -> list[GroupCodeOut]:
    ids = [row.id for row in rows]
    # Sees every customer: what leaves it are the company's sums, no customer.
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        seats, joins = codes.seats_of(tx, ids), codes.joins_of(tx, ids)
    return [_code(row, seats[row.id], [one for one in joins if one.live_code_id == row.id]) for row in rows]


def _code(row: codes.CodeRow, seats: list[codes.SeatRow], joins: list[codes.Joins]) -> GroupCodeOut:
    where: Literal["making", "placed", "stuck"] = (
        "stuck" if row.problem else "placed" if row.placed_version == row.version else "making"
    )
    by_group = {one.group_id: one.joined for one in joins}
    return GroupCodeOut(
        id=row.id, account_id=row.account_id, name=row.name, channel=row.channel, archived=row.status == "archived", state=row.state,
        qr_url=row.qr_url, where=where, reason=row.reason if row.status == "active" else None,  # pyright: ignore[reportArgumentType]
        problem=problem_words(row.problem), opens_groups=row.opens_groups, base_name=row.base_name, base_id=row.base_id,
        seats=[
            GroupSeatOut(
                group_id=one.group_id, group=one.name, people=one.people, cap=one.cap, ended=one.status != "active", opened=one.opened,
                now=one.chat_id in row.placed, joined=by_group.get(one.group_id, 0),
            )
            for one in seats
        ],
        joined=sum(one.joined for one in joins), here=sum(one.here for one in joins), left=sum(one.left for one in joins),
        simulated=row.simulated, config_id=row.config_id, created_at=row.created_at,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- words for newcomers


@router.get("/group-welcomes")
def list_group_welcomes(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[GroupWelcomeOut]:
    """Words for newcomers of groups, by name."""
    with access.tx() as tx:
        rows, following = page_in_memory(greetings.list_welcomes(tx), cursor, limit, "id")
    return Page(items=[_welcome(row) for row in rows], next=following)


@router.post("/group-welcomes", status_code=201)
def create_group_welcome(access: Writer, given: NewGroupWelcome) -> GroupWelcomeOut:
    """Keep words for newcomers and hand them to the platform."""
    with access.tx() as tx:
        return _welcome(greetings.get_welcome(tx, greetings.create_welcome(tx, given)))


@router.put("/group-welcomes/{welcome_id}")
def change_group_welcome(access: Writer, welcome_id: UUID, given: GroupWelcomeChange) -> GroupWelcomeOut:
    """Replace words for newcomers."""
    with access.tx() as tx:
        greetings.change_welcome(tx, welcome_id, given)
        return _welcome(greetings.get_welcome(tx, welcome_id))


@router.delete("/group-welcomes/{welcome_id}", status_code=204)
def remove_group_welcome(access: Writer, welcome_id: UUID) -> None:
    """Take words for newcomers away, from the platform too."""
    with access.tx() as tx:
        greetings.remove_welcome(tx, welcome_id)


def _welcome(row: greetings.WelcomeRow) -> GroupWelcomeOut:
    where: Literal["making", "placed", "stuck"] = (
        "stuck" if row.problem else "placed" if row.placed_version == row.version else "making"
    )
    return GroupWelcomeOut(
        id=row.id, account_id=row.account_id, name=row.name, body=row.body, attachment=row.attachment, notify=row.notify, where=where,
        problem=problem_words(row.problem),
    )  # fmt: skip
