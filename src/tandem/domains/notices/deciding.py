"""Saying yes or no on the phone: by the same services as on the screen, as far as the caller's own rights reach now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from fastapi import Request

from tandem.access.http import Access, forbidden
from tandem.catalog.label import Label
from tandem.domains.contact import service as contact
from tandem.domains.directory import service as directory
from tandem.domains.exports import service as exports
from tandem.flow import people
from tandem.flow.api import rooms_of, seeing_all
from tandem.flow.life import approval
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.stream.rights import requests


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that one colleague was told."""

    id: UUID
    kind: str
    thing: str
    title: dict[str, str]
    lines: list[dict[str, str]]
    urgent: bool
    state: str
    made_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. `good`: it lets something go on; `reason`: a reason must be given with it."""

    name: str
    label: Label
    good: bool
    reason: bool = False


_NOTICE: Final = """
select id, kind, thing, title, lines, urgent, state, made_at, seen_at from staff_notice where tenant_id = %(tenant)s and user_id = %(user)s
"""
YES_NO: Final = (
    Choice("yes", Label("同意", "Agree"), good=True),
    Choice("no", Label("不同意", "Refuse"), good=False, reason=True),
)


YES: Final = YES_NO[:1]
"""What is not agreed to goes on waiting: whoever wrote it is told by a word, not by a verdict."""


def mine(tx: Tx, user_id: UUID, *, waiting: bool, before: UUID | None, limit: int) -> list[Notice]:
    """What somebody was told and what of it still waits, newest first; or everything."""
    return tx.all(
        Notice,
        f"""{_NOTICE} and (not %(waiting)s or state <> 'over') and (%(before)s::uuid is null or id < %(before)s::uuid)
        order by id desc limit %(limit)s""",
        {"tenant": tx.tenant_id, "user": user_id, "waiting": waiting, "before": before, "limit": limit},
    )


def one_of_mine(tx: Tx, user_id: UUID, notice_id: UUID) -> Notice:
    """One notice of somebody's own. Raises NotFound, also for a colleague's."""
    found = tx.maybe(Notice, f"{_NOTICE} and id = %(id)s", {"tenant": tx.tenant_id, "user": user_id, "id": notice_id})
    if found is None:
        raise NotFound("no_such_notice", "没有这条通知。", "There is no such notice.")
    return found


def see(tx: Tx, user_id: UUID, notice_id: UUID) -> None:
    """She has opened it."""
    tx.execute(
        "update staff_notice set seen_at = coalesce(seen_at, now()) where tenant_id = %(tenant)s and user_id = %(user)s and id = %(id)s",
        {"tenant": tx.tenant_id, "user": user_id, "id": notice_id},
    )


def file_of(tx: Tx, notice: Notice) -> UUID | None:
    """The file of what waits for approval, which its own address shows to whoever may see files; None where there is none."""
    what, number = _thing(notice)
    return None if notice.state == "over" or number is None else contact.written_file(tx, what, number)


def choices(access: Access, notice: Notice) -> tuple[Choice, ...]:
    """The answers that are possible now; none for what only tells, or is over."""
    what, number = _thing(notice)
    if notice.state == "over" or number is None:
        return ()
    if what != "task":
        return YES_NO if what in _DECIDE else YES if what in contact.WRITTEN else ()
    reader = access.narrowed("task.decide")
    if reader is None:
        return ()
    with reader.tx() as tx:
        try:
            task = people.get_task(tx, number)
        except NotFound:
            return ()
    if task.state != "open" or task.fields:
        # A form is filled in on the screen.
        return ()
    return tuple(Choice(one["name"], Label(one["label"]["zh"], one["label"]["en"]), good=True) for one in task.ports)


def decide(access: Access, request: Request, notice: Notice, choice: str, comment: str) -> None:
    """Answer. Raises what the screen's own way raises; InvalidInput for no such answer or a missing reason, Conflict for what is over."""
    what, number = _thing(notice)
    offered = {one.name: one for one in choices(access, notice)}
    chosen = offered.get(choice)
    if number is None or (what not in _DECIDE and what not in contact.WRITTEN and what != "task"):
        raise Conflict("nothing_to_decide", "这条通知不需要答复。", "This notice wants no answer.")
    if chosen is None:
        if not offered:
            raise Conflict("notice_over", "这件事已经有结果了。", "This has been decided already.")
        detail = Detail("choice", "没有这个选项", "no such answer")
        raise InvalidInput("no_such_choice", "没有这个选项。", "There is no such answer.", details=(detail,))
    if chosen.reason and not comment.strip():
        detail = Detail("comment", "请写明原因", "give a reason")
        raise InvalidInput("reason_missing", "不同意时请写明原因。", "Say why you refuse.", details=(detail,))
    if what == "task":
        with _as(access, "task.decide").tx() as tx:
            people.decide(tx, number, choice, comment)
    elif what in contact.WRITTEN:
        _approve(access, what, number, notice.thing.split(":")[2])
    else:
        _DECIDE[what](access, request, number, chosen.good, comment)
    with access.tx() as tx:
        tx.execute(
            "update staff_notice set state = 'over' where tenant_id = %(tenant)s and thing = %(thing)s",
            {"tenant": tx.tenant_id, "thing": notice.thing},
        )


def _thing(notice: Notice) -> tuple[str, UUID | None]:
    what, _, rest = notice.thing.partition(":")
    try:
        return what, UUID(rest.partition(":")[0])
    except ValueError:
        return what, None


def _as(access: Access, permission: str) -> Access:
    """The caller as far as a permission reaches now. Raises Forbidden."""
    narrowed = access.narrowed(permission)
    if narrowed is None:
        raise forbidden(permission)
    return narrowed


def _publishing(access: Access, request: Request, number: UUID, good: bool, comment: str) -> None:  # noqa: FBT001 - as the table calls it
    with seeing_all(_as(access, "flow.approve")).tx() as tx:
        approval.decide(tx, rooms_of(request), number, approve=good, comment=comment)


def _export(access: Access, request: Request, number: UUID, good: bool, comment: str) -> None:  # noqa: FBT001
    del request, comment
    with _as(access, exports.APPROVE).tx() as tx:
        exports.decide(tx, number, approve=good)


def _rights(access: Access, request: Request, number: UUID, good: bool, comment: str) -> None:  # noqa: FBT001
    del request
    with _as(access, "rights.approve").tx() as tx:
        if good:
            requests.approve(tx, number)
        else:
            requests.refuse(tx, number, comment)


def _rule(access: Access, request: Request, number: UUID, good: bool, comment: str) -> None:  # noqa: FBT001
    del request, comment
    with _as(access, "user.write").tx() as tx:
        directory.decide_rule(tx, access.identity, number, agree=good)


def _approve(access: Access, what: str, number: UUID, version: str) -> None:
    """Approve what somebody wrote, as it stood when this was told."""
    seen = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(Decimal(version).scaleb(6)))
    with _as(access, "material.approve").tx() as tx:
        contact.approve_written(tx, what, number, seen)


_DECIDE: Final[Mapping[str, Callable[[Access, Request, UUID, bool, str], None]]] = {
    "publish": _publishing,
    "export": _export,
    "rights": _rights,
    "rule": _rule,
}
#: Where on the screen each kind of thing is looked at in full.
PAGES: Final[Mapping[str, str]] = {
    "publish": "/flows", "export": "/exports", "rights": "/settings/rights", "rule": "/settings/people/directory", "task": "/tasks", "alert": "/flow-alerts",
    "material": "/materials", "script": "/materials", "article": "/knowledge",
    "links": "/live-codes", "lead": "/leads", "lost": "/lost-friends", "handover": "/lost-friends", "stop": "/settings/people/directory",
}  # fmt: skip


def page_of(notice: Notice) -> str:
    """The screen on which it is looked at in full."""
    return PAGES.get(notice.thing.partition(":")[0], "/home")


def settings_of(tx: Tx, user_id: UUID) -> dict[str, Any] | None:
    """How somebody wants to be told; None where she never said."""
    rows = tx.dicts(
        "select kinds_off, quiet_from, quiet_until from notice_choice where tenant_id = %(tenant)s and user_id = %(user)s",
        {"tenant": tx.tenant_id, "user": user_id},
    )
    return rows[0] if rows else None
