"""Routes of mass sending."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.placing import problem_words
from tandem.domains.contact.sending import reading, service
from tandem.domains.contact.sending.shapes import (
    Kind,
    MassAccountChange,
    MassAccountOut,
    MassGroupOut,
    MassPersonOut,
    MassPostOut,
    MassSendChange,
    MassSendOut,
    MassStateCount,
    MassTaskOut,
    NewMassSend,
    PersonState,
)
from tandem.kernel.db import Scope
from tandem.kernel.errors import NotFound
from tandem.stream.customer.view import names

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Sender = Annotated[Access, Depends(allowed("contact.send"))]


@router.get("/mass-accounts")
def list_mass_accounts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[MassAccountOut]:
    """What platforms allow mass messages."""
    with access.tx() as tx:
        rows, following = page_in_memory(reading.list_accounts(tx), cursor, limit, "account_id")
    return Page(items=[MassAccountOut.model_validate(row) for row in rows], next=following)


@router.patch("/mass-accounts/{account_id}")
def change_mass_account(access: Writer, account_id: UUID, given: MassAccountChange) -> MassAccountOut:
    """Say what the platform allows; it changes, so it is data."""
    with access.tx() as tx:
        before = next((row for row in reading.list_accounts(tx) if row.account_id == account_id), None)
        if before is None:
            raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with mass sending.")
        named = ("quota", "quota_n", "task_max", "reminders_max", "keep_days")
        old = {name: getattr(before, name) for name in named}
        new = {name: old[name] if (value := getattr(given, name)) is None else value for name in named}
        tx.execute(
            """
            insert into mass_account (tenant_id, account_id, quota, quota_n, task_max, reminders_max, keep_days)
            values (%(tenant)s, %(id)s, %(quota)s, %(quota_n)s, %(task_max)s, %(reminders_max)s, %(keep_days)s)
            on conflict (tenant_id, account_id) do update set quota = excluded.quota, quota_n = excluded.quota_n, task_max = excluded.task_max,
              reminders_max = excluded.reminders_max, keep_days = excluded.keep_days
            """,
            new | {"tenant": tx.tenant_id, "id": account_id},
        )
        audit.record(tx, "mass_account.changed", "source_account", account_id, *audit.changes(old, new))
        return next(
            MassAccountOut.model_validate(row) for row in reading.list_accounts(tx) if row.account_id == account_id
        )


@router.get("/mass-sends")
def list_mass_sends(
    access: Reader, *, kind: Kind | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[MassSendOut]:
    """Mass messages and posts, newest first."""
    with access.tx() as tx:
        rows, following = service.list_sends(tx, kind=kind, cursor=cursor, limit=limit)
    return Page(items=_shown(access, rows), next=following)


@router.post("/mass-sends", status_code=201)
def create_mass_send(access: Writer, given: NewMassSend) -> MassSendOut:
    """Draft a mass message or a post. Nothing goes out."""
    with access.tx() as tx:
        send_id = service.create_send(tx, given)
    return _one(access, send_id)


@router.get("/mass-sends/{send_id}")
def get_mass_send(access: Reader, send_id: UUID) -> MassSendOut:
    """One mass message and where its people stand."""
    return _one(access, send_id)


@router.patch("/mass-sends/{send_id}")
def change_mass_send(access: Writer, send_id: UUID, given: MassSendChange) -> MassSendOut:
    """Change a draft."""
    with access.tx() as tx:
        service.change_send(tx, send_id, given)
    return _one(access, send_id)


@router.post("/mass-sends/{send_id}/check", status_code=202)
def check_mass_send(access: Writer, send_id: UUID) -> MassSendOut:
    """Take the audience as of now, and see who would be held back and why."""
    with access.tx() as tx:
        service.check_send(tx, send_id)
    return _one(access, send_id)


@router.post("/mass-sends/{send_id}/start", status_code=202)
def start_mass_send(access: Sender, send_id: UUID) -> MassSendOut:
    """Let the platform make tasks for staff. Whoever may not be written to by now is left out."""
    with access.tx() as tx:
        service.start_send(tx, send_id)
    return _one(access, send_id)


@router.post("/mass-sends/{send_id}/cancel", status_code=202)
def cancel_mass_send(access: Sender, send_id: UUID) -> MassSendOut:
    """Stop what was not confirmed yet."""
    with access.tx() as tx:
        service.cancel_send(tx, send_id)
    return _one(access, send_id)


@router.post("/mass-sends/{send_id}/remind", status_code=202)
def remind_mass_send(access: Sender, send_id: UUID) -> MassSendOut:
    """Ask the advisers who have not confirmed once more."""
    with access.tx() as tx:
        service.remind(tx, send_id)
    return _one(access, send_id)


@router.get("/mass-sends/{send_id}/tasks")
def list_mass_tasks(access: Reader, send_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[MassTaskOut]:
    """The platform's tasks, by adviser."""
    with access.tx() as tx:
        service.get_send(tx, send_id)
        rows, following = reading.tasks_of(tx, send_id, cursor=cursor, limit=limit)
    return Page(items=[_task(row) for row in rows], next=following)


@router.get("/mass-sends/{send_id}/people")
def list_mass_people(
    access: Reader, send_id: UUID, *, state: PersonState | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[MassPersonOut]:
    """Customers of a mass message and where each stands."""
    with access.tx() as tx:
        service.get_send(tx, send_id)
        rows, following = reading.people_of(tx, send_id, state=state, cursor=cursor, limit=limit)
    called = names(access, [row.customer_id for row in rows])
    items = [
        MassPersonOut(
            id=row.id, customer_id=row.customer_id, name=called.get(row.customer_id), adviser=row.adviser,
            state=row.state, reason=row.reason, until=row.until, settled_at=row.settled_at,  # pyright: ignore[reportArgumentType]
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


@router.get("/mass-sends/{send_id}/groups")
def list_mass_groups(
    access: Reader, send_id: UUID, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[MassGroupOut]:
    """Groups of a mass message and where each stands."""
    with access.tx() as tx:
        service.get_send(tx, send_id)
        rows, following = page_in_memory(reading.groups_of(tx, send_id), cursor, limit, "group_id")
    return Page(items=[MassGroupOut.model_validate(row) for row in rows], next=following)


@router.get("/mass-sends/{send_id}/posts")
def list_mass_posts(access: Reader, send_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[MassPostOut]:
    """Who was given a post, who published it, and what customers made of it."""
    with access.tx() as tx:
        service.get_send(tx, send_id)
        rows, following = reading.posts_of(tx, send_id, cursor=cursor, limit=limit)
    return Page(items=[MassPostOut.model_validate(row) for row in rows], next=following)


def _one(access: Access, send_id: UUID) -> MassSendOut:
    with access.tx() as tx:
        row = service.get_send(tx, send_id)
    return _shown(access, [row])[0]


def _shown(access: Access, rows: list[service.SendRow]) -> list[MassSendOut]:
    # Sees every customer: what leaves it are the company's sums, no customer.
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        counts = service.counts_of(tx, [row.id for row in rows])
    return [_send(row, counts[row.id]) for row in rows]


def _send(row: service.SendRow, counts: list[service.CountRow]) -> MassSendOut:
    return MassSendOut(
        id=row.id, account_id=row.account_id, simulated=row.simulated, name=row.name,
        kind=row.kind, status=row.status,  # pyright: ignore[reportArgumentType]
        body=row.body, attachments=row.attachments, segment_id=row.segment_id, segment=row.segment, members=row.members, groups=row.groups, tags=row.tags,
        audience_at=row.audience_at, started_at=row.started_at, finished_at=row.finished_at, created_at=row.created_at,
        counts=[MassStateCount.model_validate(one) for one in counts], tasks=row.tasks, tasks_made=row.tasks_made,
        tasks_confirmed=row.tasks_confirmed, problem=problem_words(row.problem),
    )  # fmt: skip


def _task(row: reading.TaskRow) -> MassTaskOut:
    state: Literal["waiting", "making", "made", "done", "refused", "cancelled"] = row.state  # pyright: ignore[reportAssignmentType]
    return MassTaskOut(
        id=row.id, member=row.member, adviser=row.adviser, number=row.number, size=row.size, state=state, confirmed=row.confirmed, ref=row.ref,
        made_at=row.made_at, read_at=row.read_at, reminders_left=row.reminders_left, problem=problem_words(row.problem),
    )  # fmt: skip
