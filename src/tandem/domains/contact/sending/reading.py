"""Tasks, people, groups and posts of a mass message, and what the platform allows, as screens ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.gateway import connectors
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class TaskRow:
    """An adviser's task."""

    id: UUID
    member: str
    adviser: str
    number: int
    size: int
    state: str
    confirmed: bool
    ref: str | None
    made_at: datetime | None
    read_at: datetime | None
    reminders_left: int
    problem: dict[str, Any] | None


def tasks_of(tx: Tx, send_id: UUID, *, cursor: str | None, limit: int) -> tuple[list[TaskRow], str | None]:
    """A page of a mass message's tasks, by adviser. Raises InvalidInput for a cursor we did not make."""
    member, number = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        TaskRow,
        """
        select t.id, t.member, coalesce(a.name, t.member) as adviser, t.number, t.size, t.state, t.confirmed, t.ref, t.made_at, t.read_at,
          greatest(0, coalesce(k.reminders_max, 3) - (select count(*) from unnest(t.reminded) as r(at) where r.at > now() - interval '24 hours'))::int
            as reminders_left, t.problem
        from mass_send_task as t
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = t.member
        left join mass_account as k on k.tenant_id = %(tenant)s and k.account_id = t.account_id
        where t.tenant_id = %(tenant)s and t.mass_send_id = %(id)s
          and (%(member)s::text is null or (t.member, t.number) > (%(member)s, %(number)s::int))
        order by t.member, t.number limit %(more)s
        """,
        {"tenant": tx.tenant_id, "id": send_id, "member": member, "number": number, "more": limit + 1},
    )
    return page_of(rows, limit, "member", "number")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A customer of a mass message."""

    id: UUID
    customer_id: UUID
    adviser: str | None
    state: str
    reason: str | None
    until: datetime | None
    settled_at: datetime | None


def people_of(
    tx: Tx, send_id: UUID, *, state: str | None, cursor: str | None, limit: int
) -> tuple[list[PersonRow], str | None]:
    """A page of a mass message's customers. Raises InvalidInput for a cursor we did not make."""
    (last,) = from_cursor(cursor, 1) if cursor else (None,)
    rows = tx.all(
        PersonRow,
        """
        select p.id, p.customer_id, coalesce(a.name, p.member) as adviser, p.state, p.reason, p.until, p.settled_at
        from mass_send_person as p join mass_send as s on s.tenant_id = %(tenant)s and s.id = p.mass_send_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = s.account_id and a.member = p.member
        where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.mass_send_id = %(id)s
          and (%(state)s::text is null or p.state = %(state)s) and (%(last)s::uuid is null or p.id > %(last)s::uuid)
        order by p.id limit %(more)s
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": _ALL_BUCKETS,
            "id": send_id,
            "state": state,
            "last": last,
            "more": limit + 1,
        },
    )
    return page_of(rows, limit, "id")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of a mass message."""

    group_id: UUID
    group: str
    adviser: str
    state: str
    reason: str | None
    settled_at: datetime | None


def groups_of(tx: Tx, send_id: UUID) -> list[GroupRow]:
    """A mass message's groups, by name; at most as many as one may name."""
    return tx.all(
        GroupRow,
        """
        select s.group_chat_id as group_id, g.name as group, coalesce(a.name, s.member) as adviser, s.state, s.reason, s.settled_at
        from mass_send_group as s join group_chat as g on g.tenant_id = %(tenant)s and g.id = s.group_chat_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = g.account_id and a.member = s.member
        where s.tenant_id = %(tenant)s and s.mass_send_id = %(id)s order by g.name, g.id limit 2000
        """,
        {"tenant": tx.tenant_id, "id": send_id},
    )


@dataclass(frozen=True, slots=True)
class PostRow:
    """An adviser's part in a post."""

    member: str
    adviser: str
    published: bool
    likes: int
    comments: int


def posts_of(tx: Tx, send_id: UUID, *, cursor: str | None, limit: int) -> tuple[list[PostRow], str | None]:
    """A page of the advisers who were given a post. Raises InvalidInput for a cursor we did not make."""
    (last,) = from_cursor(cursor, 1) if cursor else (None,)
    rows = tx.all(
        PostRow,
        """
        select p.member, coalesce(a.name, p.member) as adviser, p.published, p.likes, p.comments
        from mass_send_post as p join mass_send as s on s.tenant_id = %(tenant)s and s.id = p.mass_send_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = s.account_id and a.member = p.member
        where p.tenant_id = %(tenant)s and p.mass_send_id = %(id)s and (%(last)s::text is null or p.member > %(last)s)
        order by p.member limit %(more)s
        """,
        {"tenant": tx.tenant_id, "id": send_id, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "member")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What the platform allows an account's mass messages."""

    account_id: UUID
    name: str
    quota: str
    quota_n: int
    task_max: int
    reminders_max: int
    keep_days: int


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts with mass sending, by name."""
    return tx.all(
        AccountRow,
        """
        select a.id as account_id, a.name, coalesce(m.quota, 'month_days') as quota, coalesce(m.quota_n, 4) as quota_n,
          coalesce(m.task_max, 10000) as task_max, coalesce(m.reminders_max, 3) as reminders_max, coalesce(m.keep_days, 30) as keep_days
        from source_account as a left join mass_account as m on m.tenant_id = %(tenant)s and m.account_id = a.id
        where a.tenant_id = %(tenant)s and a.connector = any(%(connectors)s::text[]) and a.status = 'active' order by a.name, a.id
        """,
        {"tenant": tx.tenant_id, "connectors": connectors()},
    )
