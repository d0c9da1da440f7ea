"""Routes of customer groups."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.domains.contact.advisers import list_advisers
from tandem.domains.contact.groups import people
from tandem.domains.contact.groups.shapes import (
    CustomerGroup,
    Double,
    GroupAccountChange,
    GroupAccountOut,
    GroupChatDetail,
    GroupChatOut,
    GroupPerson,
    GroupStaff,
)
from tandem.domains.contact.placing import problem_words
from tandem.kernel.db import Scope
from tandem.kernel.errors import NotFound
from tandem.stream.customer.view import names

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
Search = Annotated[str | None, Query(max_length=100, description="Part of a group's name")]


@router.get("/group-accounts")
def list_group_accounts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[GroupAccountOut]:
    """What platforms allow their groups, and when groups were read."""
    with access.tx() as tx:
        rows, following = page_in_memory(people.list_accounts(tx), cursor, limit, "account_id")
    return Page(items=[_account(row) for row in rows], next=following)


@router.patch("/group-accounts/{account_id}")
def change_group_account(access: Writer, account_id: UUID, given: GroupAccountChange) -> GroupAccountOut:
    """Say how many people the platform lets into a group, and how many words for newcomers it keeps."""
    with access.tx() as tx:
        before = next((row for row in people.list_accounts(tx) if row.account_id == account_id), None)
        if before is None:
            raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with groups.")
        new = {
            "size_max": before.size_max if given.size_max is None else given.size_max,
            "greetings_max": before.greetings_max if given.greetings_max is None else given.greetings_max,
        }
        tx.execute(
            """
            insert into group_account (tenant_id, account_id, size_max, greetings_max) values (%(tenant)s, %(id)s, %(size_max)s, %(greetings_max)s)
            on conflict (tenant_id, account_id) do update set size_max = excluded.size_max, greetings_max = excluded.greetings_max
            """,
            new | {"tenant": tx.tenant_id, "id": account_id},
        )
        tx.execute(
            "update live_code set due_at = %(now)s where tenant_id = %(tenant)s and account_id = %(id)s and kind = 'group' and status = 'active'",
            {"tenant": tx.tenant_id, "id": account_id, "now": tx.now},
        )
        old = {"size_max": before.size_max, "greetings_max": before.greetings_max}
        audit.record(tx, "group_account.changed", "source_account", account_id, *audit.changes(old, new))
        return next(_account(row) for row in people.list_accounts(tx) if row.account_id == account_id)


def _account(row: people.AccountRow) -> GroupAccountOut:
    return GroupAccountOut(
        account_id=row.account_id, name=row.name, simulated=row.simulated, size_max=row.size_max, greetings_max=row.greetings_max,
        read_at=row.read_at, problem=problem_words(row.problem),
    )  # fmt: skip


@router.post("/group-accounts/read", status_code=202)
def read_groups(access: Writer) -> None:
    """Let all groups be read anew now."""
    with access.tx() as tx:
        tx.execute("update group_account set due_at = now() where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})


@router.get("/group-chats")
def list_group_chats(
    access: Reader, *, account_id: UUID | None = None, ended: bool = False, q: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[GroupChatOut]:  # fmt: skip
    """Customer groups, the largest first."""
    with access.tx() as tx:
        rows, following = people.list_groups(tx, ended=ended, account_id=account_id, q=q, cursor=cursor, limit=limit)
    weeks = _weeks(access, [row.id for row in rows])
    return Page(items=[GroupChatOut(**_group(row, weeks.get(row.id, (0, 0)))) for row in rows], next=following)


@router.get("/group-chats/doubles")
def list_doubles(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[Double]:
    """Customers who are in several groups at once, those in most first."""
    with access.tx() as tx:
        rows, following = people.doubles(tx, cursor=cursor, limit=limit)
    called = names(access, [row.customer_id for row in rows])
    return Page(
        items=[
            Double(customer_id=row.customer_id, name=called.get(row.customer_id), groups=row.groups) for row in rows
        ],
        next=following,
    )


@router.get("/group-chats/{group_id}")
def get_group_chat(access: Reader, group_id: UUID) -> GroupChatDetail:
    """One group with our own people in it."""
    with access.tx() as tx:
        row = people.get_group(tx, group_id)
        staff = {one.member: one.name for one in list_advisers(tx, row.account_id)}
    week = _weeks(access, [group_id]).get(group_id, (0, 0))
    shown = [GroupStaff(member=one, name=staff.get(one, one)) for one in row.staff]
    return GroupChatDetail(**_group(row, week), staff=shown)


@router.post("/group-chats/{group_id}/read", status_code=202)
def read_group_chat(access: Writer, group_id: UUID) -> None:
    """Let a group be read anew now."""
    with access.tx() as tx:
        people.get_group(tx, group_id)
        tx.execute(
            "update group_chat set due_at = now() where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": group_id},
        )


@router.get("/group-chats/{group_id}/people")
def list_group_people(
    access: Reader, group_id: UUID, *, where: people.Where = "here", cursor: Cursor = None, limit: Limit = 50
) -> Page[GroupPerson]:
    """Customers in a group or who left it, the latest first."""
    with access.tx() as tx:
        people.get_group(tx, group_id)
        rows, following = people.people_of(tx, group_id, where=where, cursor=cursor, limit=limit)
    called = names(access, [row.customer_id for row in rows])
    items = [
        GroupPerson(
            customer_id=row.customer_id, name=called.get(row.customer_id), joined_at=row.joined_at, scene=row.scene, live_code=row.live_code,
            left_at=row.left_at, groups=row.groups,
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


@router.get("/customers/{customer_id}/groups")
def list_groups_of_customer(
    access: Reader, customer_id: UUID, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[CustomerGroup]:
    """The groups a customer is in, then those she left."""
    with access.tx() as tx:
        rows, following = page_in_memory(people.groups_of(tx, customer_id), cursor, limit, "group_id")
    return Page(items=[CustomerGroup.model_validate(row) for row in rows], next=following)


def _weeks(access: Access, ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    # Sees every customer: what leaves it are the company's sums, no customer.
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        return people.week_of(tx, ids)


def _group(row: people.GroupRow, week: tuple[int, int]) -> dict[str, Any]:
    names_ = ("id", "account_id", "chat_id", "name", "owner", "owner_name", "notice", "ended", "people", "customers", "size_max", "opened_at", "read_at", "catching_up")  # fmt: skip
    shown: dict[str, Any] = {name: getattr(row, name) for name in names_}
    return shown | {"joined_week": week[0], "left_week": week[1], "problem": problem_words(row.problem)}
