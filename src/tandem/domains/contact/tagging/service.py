"""Tags both ways as people see and set them: groups with whose word holds, tags of ours to be made there, what waits, what was set back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.gateway import connectors
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.stream.rows import to_json
from tandem.stream.tags import service as tags

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account's tags: how many of how many, when they were read, what waits and what cannot be told."""

    id: UUID
    name: str
    tags_used: int
    tags_max: int
    name_max: int
    group_name_max: int
    read_at: datetime | None
    met: bool
    waiting: int
    stuck: int
    problem: dict[str, Any] | None


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts with tags, by name. The transaction must see every customer: what is counted is the company's."""
    return tx.all(
        AccountRow,
        """
        select s.id, s.name, coalesce(a.tags_max, 3000) as tags_max, coalesce(a.name_max, 30) as name_max,
          coalesce(a.group_name_max, 15) as group_name_max, a.read_at, a.met_at is not null as met, a.problem,
          (select count(*) from platform_tag as p where p.tenant_id = %(tenant)s and p.account_id = s.id and p.tag_id is not null) as tags_used,
          (select count(*) from friend_tag as f where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.account_id = s.id
            and f.wanted is not null and f.due_at is not null) as waiting,
          (select count(*) from friend_tag as f where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.account_id = s.id
            and f.wanted is not null and f.due_at is null) as stuck
        from source_account as s left join tag_account as a on a.tenant_id = %(tenant)s and a.account_id = s.id
        where s.tenant_id = %(tenant)s and s.connector = any(%(connectors)s::text[]) and s.status = 'active' order by s.name, s.id
        """,
        _params(tx, connectors=connectors()),
    )


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A tag there, the tag of ours that it is, and how many customers of ours have it."""

    id: UUID
    group_row: UUID
    name: str
    tag: str
    status: str
    problem: dict[str, Any] | None
    customers: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of tags, and whose word on them holds."""

    id: UUID
    account_id: UUID
    name: str
    wins: str
    there: bool


def list_groups(tx: Tx) -> list[GroupRow]:
    """Every group, in the platform's order."""
    return tx.all(
        GroupRow,
        """
        select id, account_id, name, wins, group_id is not null as there from platform_tag_group where tenant_id = %(tenant)s
        order by account_id, place, name, id
        """,
        _params(tx),
    )


def labels_of(tx: Tx, groups: Sequence[UUID]) -> dict[UUID, list[LabelRow]]:
    """Tags by group, in the platform's order."""
    found: dict[UUID, list[LabelRow]] = {one: [] for one in groups}
    rows = tx.all(
        LabelRow,
        """
        select p.id, p.group_row, p.name, p.tag, p.status, p.problem,
          (select count(*) from customer_tag as c where c.tenant_id = %(tenant)s and c.tag = p.tag) as customers
        from platform_tag as p where p.tenant_id = %(tenant)s and p.group_row = any(%(groups)s::uuid[]) order by p.place, p.name
        """,
        _params(tx, groups=list(groups)),
    )
    for row in rows:
        found[row.group_row].append(row)
    return found


def set_wins(tx: Tx, group: UUID, wins: str) -> None:
    """Say whose word on a group's tags holds from now on; what is different meanwhile is settled as it is next told. Raises NotFound."""
    before = next((one for one in list_groups(tx) if one.id == group), None)
    if before is None:
        raise NotFound("no_such_tag_group", "没有这个标签组。", "There is no such group of tags.")
    tx.execute(
        "update platform_tag_group set wins = %(wins)s where tenant_id = %(tenant)s and id = %(group)s",
        _params(tx, wins=wins, group=group),
    )
    audit.record(
        tx, "tag_group.changed", "platform_tag_group", group, {"wins": before.wins}, {"wins": wins, "name": before.name}
    )


def put_tags(tx: Tx, account: UUID, *, group_row: UUID | None, group_name: str | None, names: Sequence[str]) -> UUID:
    """Have tags of ours made on the platform, in a group that is there or a new one; returns the group. What waits is made within seconds.

    Raises NotFound, InvalidInput (a name too long, a computed tag), Conflict (the tag is there already).
    """
    limits = next((one for one in list_accounts(tx) if one.id == account), None)
    if limits is None:
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
    clean = list(dict.fromkeys(tags.clean(one) for one in names))
    tags.refuse_computed(tx, clean)
    problems = [
        Detail("names", f"“{one}”超过 {limits.name_max} 个字", f"{one!r} is longer than {limits.name_max} characters")
        for one in clean
        if len(one) > limits.name_max
    ]
    if group_row is None and not 0 < len(group_name or "") <= limits.group_name_max:
        most = limits.group_name_max
        problems.append(
            Detail("group_name", f"标签组名称为 1 到 {most} 个字", f"a group's name has 1 to {most} characters")
        )
    if problems or not clean:
        raise InvalidInput(
            "bad_tags", "标签不符合平台的要求。", "The tags do not fit the platform.", details=tuple(problems)
        )
    group = _group(tx, account, group_row, group_name or "")
    tags.know(tx, clean)
    added = tx.values(
        """
        insert into platform_tag as p (id, tenant_id, account_id, group_row, name, tag, status, place)
        select n.id, %(tenant)s, %(account)s, %(group)s, n.name, n.name, 'wanted', 1000
        from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, name text)
        on conflict (tenant_id, account_id, tag) do update set status = 'wanted', problem = null, group_row = excluded.group_row
        where p.status in ('gone', 'ended') returning p.tag
        """,
        _params(tx, account=account, group=group, rows=to_json([{"id": new_id(), "name": one} for one in clean])),
    )
    if not added:
        raise Conflict("tags_there", "这些标签已经在平台上了。", "These tags are on the platform already.")
    audit.record(tx, "platform_tags.added", "platform_tag_group", group, None, {"tags": sorted(added)})
    return group


def _group(tx: Tx, account: UUID, group_row: UUID | None, name: str) -> UUID:
    if group_row is not None:
        if all(one.id != group_row or one.account_id != account for one in list_groups(tx)):
            raise NotFound("no_such_tag_group", "没有这个标签组。", "There is no such group of tags.")
        return group_row
    found: UUID = tx.value(
        """
        insert into platform_tag_group as g (id, tenant_id, account_id, name, place) values (%(id)s, %(tenant)s, %(account)s, %(name)s, 1000)
        on conflict (tenant_id, account_id, name) do update set name = excluded.name returning g.id
        """,
        _params(tx, id=new_id(), account=account, name=name),
    )
    return found


def ask_again(tx: Tx, account: UUID) -> None:
    """Read the list and everybody's friends now, and try once more what could not be told. Raises NotFound."""
    if all(one.id != account for one in list_accounts(tx)):
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
    params = _params(tx, account=account)
    tx.execute(
        "update tag_account set due_at = now(), leased_until = null, failures = 0 where tenant_id = %(tenant)s and account_id = %(account)s",
        params,
    )
    tx.execute(
        "update friend_walk set due_at = now(), leased_until = null where tenant_id = %(tenant)s and account_id = %(account)s",
        params,
    )
    tx.execute(
        """
        update friend_tag set due_at = now(), attempts = 0 where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
          and account_id = %(account)s and wanted is not null
        """,
        params,
    )
    audit.record(tx, "platform_tags.read", "source_account", account, None, None)


def set_limits(tx: Tx, account: UUID, tags_max: int) -> None:
    """Say how many tags the platform allows. Raises NotFound."""
    if all(one.id != account for one in list_accounts(tx)):
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
    tx.execute(
        """
        insert into tag_account (tenant_id, account_id, tags_max) values (%(tenant)s, %(account)s, %(most)s)
        on conflict (tenant_id, account_id) do update set tags_max = excluded.tags_max
        """,
        _params(tx, account=account, most=tags_max),
    )
    audit.record(tx, "platform_tags.limited", "source_account", account, None, {"tags_max": tags_max})


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A change that was set back."""

    id: UUID
    at: datetime
    customer_id: UUID
    adviser: str
    group: str
    tag: str
    ours: bool
    kept: str


def list_conflicts(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[ConflictRow], str | None]:
    """A page of changes that were set back, newest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        ConflictRow,
        """
        select c.id, c.at, c.customer_id, coalesce(a.name, c.member) as adviser, g.name as group, p.tag, c.ours, c.kept
        from tag_conflict as c
        join platform_tag as p on p.tenant_id = %(tenant)s and p.id = c.label_id
        join platform_tag_group as g on g.tenant_id = %(tenant)s and g.id = p.group_row
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = p.account_id and a.member = c.member
        where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
          and (%(at)s::timestamptz is null or (c.at, c.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by c.at desc, c.id desc limit %(more)s
        """,
        _params(tx, at=at, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "at", "id")


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, **more}
