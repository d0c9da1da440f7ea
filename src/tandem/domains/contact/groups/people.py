"""Who is in which group, as screens ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.gateway import connectors
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS

Where = Literal["here", "left"]
WEEK: Final = timedelta(days=7)
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as lists show it."""

    id: UUID
    account_id: UUID
    chat_id: str
    name: str
    owner: str
    owner_name: str
    notice: str
    ended: bool
    people: int
    customers: int
    staff: list[str]
    size_max: int
    opened_at: datetime | None
    read_at: datetime | None
    catching_up: bool
    problem: dict[str, Any] | None


_GROUP: Final = """
select g.id, g.account_id, g.chat_id, g.name, g.owner, coalesce(a.name, g.owner) as owner_name, g.notice, g.status = 'dismissed' as ended, g.people,
  g.customers, g.staff, coalesce(k.size_max, 500) as size_max, g.opened_at, g.read_at, g.told_at is not null as catching_up, g.problem
from group_chat as g
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = g.account_id and a.member = g.owner
left join group_account as k on k.tenant_id = %(tenant)s and k.account_id = g.account_id
where g.tenant_id = %(tenant)s
"""


def list_groups(
    tx: Tx, *, ended: bool, account_id: UUID | None, q: str | None, cursor: str | None, limit: int
) -> tuple[list[GroupRow], str | None]:
    """A page of groups, the largest first. Raises InvalidInput for a cursor we did not make."""
    people, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        GroupRow,
        f"""{_GROUP} and g.status = case when %(ended)s then 'dismissed' else 'active' end
        and (%(account)s::uuid is null or g.account_id = %(account)s)
        and (%(q)s::text is null or position(lower(%(q)s) in lower(g.name)) > 0)
        and (%(people)s::int is null or (g.people, g.id) < (%(people)s::int, %(last)s::uuid))
        order by g.people desc, g.id desc limit %(more)s""",
        {
            "tenant": tx.tenant_id, "ended": ended, "account": account_id, "q": q, "people": people, "last": last, "more": limit + 1,
        },
    )  # fmt: skip
    return page_of(rows, limit, "people", "id")


def get_group(tx: Tx, group_id: UUID) -> GroupRow:
    """One group. Raises NotFound."""
    row = tx.maybe(GroupRow, f"{_GROUP} and g.id = %(id)s", {"tenant": tx.tenant_id, "id": group_id})
    if row is None:
        raise NotFound("no_such_group", "没有这个客户群。", "There is no such group.")
    return row


def week_of(tx: Tx, ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many came to and left some groups within seven days. The transaction must see every customer: these are the company's figures."""
    rows = tx.cursor(
        """
        select group_chat_id, count(*) filter (where joined_at > %(since)s), count(*) filter (where left_at > %(since)s) from group_membership
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and group_chat_id = any(%(ids)s::uuid[])
          and (joined_at > %(since)s or left_at > %(since)s)
        group by group_chat_id
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "ids": ids, "since": tx.now - WEEK},
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A customer in a group, with in how many she is."""

    id: UUID
    customer_id: UUID
    joined_at: datetime
    scene: str
    live_code: str | None
    left_at: datetime | None
    groups: int


def people_of(
    tx: Tx, group_id: UUID, *, where: Where, cursor: str | None, limit: int
) -> tuple[list[PersonRow], str | None]:
    """A page of the customers in a group, or of those who left, the latest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        PersonRow,
        """
        select m.id, m.customer_id, m.joined_at, m.scene, c.name as live_code, m.left_at,
          (select count(*) from group_membership as o where o.bucket = m.bucket and o.bucket = any(%(buckets)s::smallint[])
             and o.tenant_id = %(tenant)s and o.customer_id = m.customer_id and o.left_at is null) as groups
        from group_membership as m left join live_code as c on c.tenant_id = %(tenant)s and c.id = m.live_code_id
        where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.group_chat_id = %(group)s
          and (m.left_at is null) = %(here)s and (%(at)s::timestamptz is null or (m.joined_at, m.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by m.joined_at desc, m.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "group": group_id, "here": where == "here", "at": at, "last": last, "more": limit + 1,
        },
    )  # fmt: skip
    return page_of(rows, limit, "joined_at", "id")


@dataclass(frozen=True, slots=True)
class HerGroup:
    """A group that a customer is in, or was."""

    group_id: UUID
    group: str
    owner_name: str
    joined_at: datetime
    scene: str
    live_code: str | None
    left_at: datetime | None


def groups_of(tx: Tx, customer_id: UUID) -> list[HerGroup]:
    """A customer's groups, those she is in first."""
    return tx.all(
        HerGroup,
        """
        select m.group_chat_id as group_id, g.name as group, coalesce(a.name, g.owner) as owner_name, m.joined_at, m.scene, c.name as live_code, m.left_at
        from group_membership as m join group_chat as g on g.tenant_id = %(tenant)s and g.id = m.group_chat_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = g.account_id and a.member = g.owner
        left join live_code as c on c.tenant_id = %(tenant)s and c.id = m.live_code_id
        where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.customer_id = %(customer)s
        order by m.left_at is not null, m.joined_at desc, m.id limit 500
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "customer": customer_id},
    )


@dataclass(frozen=True, slots=True)
class DoubleRow:
    """A customer who is in several groups."""

    customer_id: UUID
    n: int
    groups: list[str]


def doubles(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[DoubleRow], str | None]:
    """A page of customers in more than one group, those in most first. Raises InvalidInput for a cursor we did not make."""
    n, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        DoubleRow,
        """
        select m.customer_id, count(*) as n, array_agg(g.name order by g.name) as groups
        from group_membership as m join group_chat as g on g.tenant_id = %(tenant)s and g.id = m.group_chat_id and g.status = 'active'
        where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.left_at is null
        group by m.customer_id
        having count(*) > 1 and (%(n)s::bigint is null or (count(*), m.customer_id) < (%(n)s::bigint, %(last)s::uuid))
        order by n desc, m.customer_id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "n": n, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "n", "customer_id")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A connected account with groups."""

    account_id: UUID
    name: str
    simulated: bool
    size_max: int
    greetings_max: int
    read_at: datetime | None
    problem: dict[str, Any] | None


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts whose platform has groups, by name."""
    return tx.all(
        AccountRow,
        """
        select a.id as account_id, a.name, coalesce((a.config->>'simulated')::boolean, false) as simulated, coalesce(g.size_max, 500) as size_max,
          coalesce(g.greetings_max, 100) as greetings_max, g.read_at, g.problem
        from source_account as a left join group_account as g on g.tenant_id = %(tenant)s and g.account_id = a.id
        where a.tenant_id = %(tenant)s and a.connector = any(%(connectors)s::text[]) and a.status = 'active' order by a.name, a.id
        """,
        {"tenant": tx.tenant_id, "connectors": connectors()},
    )
