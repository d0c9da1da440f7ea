"""Routes of notices: one's own list, what is asked, an answer, and how one wants to be told."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from tandem.access import audit
from tandem.access.http import Access, signed_in
from tandem.access.paging import Cursor, Limit, Page, from_cursor, to_cursor
from tandem.access.shapes import Body, Label
from tandem.domains.directory import service as directory
from tandem.domains.notices import deciding
from tandem.domains.notices.finding import KINDS
from tandem.domains.notices.telling import QUIET
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, Forbidden, InvalidInput

router: Final = APIRouter(tags=["notices"])


def person(access: Annotated[Access, Depends(signed_in())]) -> Access:
    """A person herself: what she was told may be more than a program of hers was given rights for. Raises Forbidden for API keys."""
    if access.identity.api_key_id is not None:
        raise Forbidden(
            "people_only", "通知只给本人看，接口密钥不能使用。", "Notices are for people themselves, not for keys."
        )
    return access


Self = Annotated[Access, Depends(person)]
Kind = Annotated[str, StringConstraints(max_length=40)]


class NoticeOut(BaseModel):
    """Something that the caller was told. `page`: where on the screen it is looked at in full."""

    id: UUID
    kind: str
    title: Label
    lines: list[Label]
    urgent: bool
    over: bool
    made_at: datetime
    page: str


class ChoiceOut(BaseModel):
    """An answer that can be given. `reason`: with a reason only."""

    name: str
    label: Label
    good: bool
    reason: bool


class NoticeWhole(NoticeOut):
    """A notice with what can be answered now. `media_id`: the file of what waits for approval."""

    choices: list[ChoiceOut]
    media_id: UUID | None


class NoticeAnswer(Body):
    """An answer, with a word about it."""

    choice: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    comment: Annotated[str, StringConstraints(max_length=2000)] = ""


class NoticeKindOut(BaseModel):
    """A kind of notice, and whether the caller hears of it."""

    kind: str
    label: Label
    on: bool


class NoticeSettingsOut(BaseModel):
    """How the caller wants to be told. `reached`: her phone is known by a directory."""

    kinds: list[NoticeKindOut]
    quiet_from: time | None
    quiet_until: time | None
    reached: bool


class NoticeSettings(Body):
    """Kinds that are left out, and hours in which only what is urgent comes; both hours null: none."""

    kinds_off: Annotated[list[Kind], Field(max_length=20, default_factory=list)]
    quiet_from: time | None = None
    quiet_until: time | None = None


@router.get("/notices")
def list_notices(access: Self, *, waiting: bool = True, cursor: Cursor = None, limit: Limit = 50) -> Page[NoticeOut]:
    """What the caller was told, newest first; `waiting`: without what is over."""
    before = None if cursor is None else UUID(str(from_cursor(cursor, 1)[0]))
    with access.tx() as tx:
        rows = deciding.mine(tx, access.user_id, waiting=waiting, before=before, limit=limit + 1)
    return Page(
        items=[NoticeOut(**_shown(one)) for one in rows[:limit]],
        next=to_cursor(rows[limit - 1].id) if len(rows) > limit else None,
    )


@router.get("/notices/{notice_id}")
def read_notice(access: Self, notice_id: UUID) -> NoticeWhole:
    """What is asked, and what can be answered now. Reading decides nothing."""
    with access.tx() as tx:
        notice = deciding.one_of_mine(tx, access.user_id, notice_id)
        file = deciding.file_of(tx, notice)
    offered = deciding.choices(access, notice)
    return NoticeWhole(
        **_shown(notice),
        choices=[
            ChoiceOut(name=one.name, label=Label(zh=one.label.zh, en=one.label.en), good=one.good, reason=one.reason)
            for one in offered
        ],
        media_id=file,
    )


@router.post("/notices/{notice_id}/decide", status_code=204)
def decide_notice(access: Self, request: Request, notice_id: UUID, given: NoticeAnswer) -> None:
    """Answer, as the screen of that thing would: with the rights that the caller has there."""
    with access.tx() as tx:
        notice = deciding.one_of_mine(tx, access.user_id, notice_id)
        deciding.see(tx, access.user_id, notice_id)
    deciding.decide(access, request, notice, given.choice, given.comment)


@router.get("/notice-settings")
def read_notice_settings(access: Self) -> NoticeSettingsOut:
    """How the caller wants to be told."""
    with access.tx() as tx:
        return _settings(tx, access.user_id)


@router.put("/notice-settings")
def set_notice_settings(access: Self, given: NoticeSettings) -> NoticeSettingsOut:
    """Say how one wants to be told."""
    strange = sorted(set(given.kinds_off) - set(KINDS))
    if strange or (given.quiet_from is None) != (given.quiet_until is None):
        detail = Detail("kinds_off" if strange else "quiet_until", "请检查这一项", "not of the right form")
        raise InvalidInput("bad_notice_settings", "通知设置有误。", "These settings are not right.", details=(detail,))
    with access.tx() as tx:
        row: dict[str, Any] = {
            "kinds_off": sorted(set(given.kinds_off)),
            "quiet_from": given.quiet_from,
            "quiet_until": given.quiet_until,
        }
        tx.execute(
            """
            insert into notice_choice (tenant_id, user_id, kinds_off, quiet_from, quiet_until)
            values (%(tenant)s, %(user)s, %(kinds_off)s, %(quiet_from)s, %(quiet_until)s)
            on conflict (tenant_id, user_id) do update set kinds_off = excluded.kinds_off, quiet_from = excluded.quiet_from,
              quiet_until = excluded.quiet_until
            """,
            {**row, "tenant": tx.tenant_id, "user": access.user_id},
        )
        told = row | {
            name: None if row[name] is None else row[name].isoformat() for name in ("quiet_from", "quiet_until")
        }
        audit.record(tx, "notice_choice.changed", "staff_user", access.user_id, None, told)
        return _settings(tx, access.user_id)


def _settings(tx: Tx, user_id: UUID) -> NoticeSettingsOut:
    chosen = deciding.settings_of(tx, user_id) or {"kinds_off": [], "quiet_from": QUIET[0], "quiet_until": QUIET[1]}
    off: set[str] = set(chosen["kinds_off"])
    return NoticeSettingsOut(
        kinds=[
            NoticeKindOut(kind=kind, label=Label(zh=label.zh, en=label.en), on=kind not in off)
            for kind, label in KINDS.items()
        ],
        quiet_from=chosen["quiet_from"],
        quiet_until=chosen["quiet_until"],
        reached=any(one.user_id == user_id for one in directory.reached(tx)),
    )


def _shown(one: deciding.Notice) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind, "title": one.title, "lines": one.lines, "urgent": one.urgent, "over": one.state == "over",
        "made_at": one.made_at, "page": deciding.page_of(one),
    }  # fmt: skip
