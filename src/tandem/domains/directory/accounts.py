"""Directories as people set them up: which account, how much goes by itself, what a department is here, who is whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit, sessions, staff
from tandem.access.identity import Identity
from tandem.access.paging import from_cursor, page_of
from tandem.domains.directory import filing, knowing
from tandem.domains.directory.gateway import connectors
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A connected account that is a directory, or could be one (`mode` None)."""

    account_id: UUID
    connector: str
    name: str
    config: dict[str, Any]
    mode: str | None
    sign_in: bool
    stop_percent: int
    stop_least: int
    stopped_at: datetime | None
    read_at: datetime | None
    problem: dict[str, Any] | None
    members: int
    users: int
    waiting: int
    held: int


_ACCOUNTS: Final = """
select s.id as account_id, s.connector, s.name, s.config, a.mode, coalesce(a.sign_in, false) as sign_in, coalesce(a.stop_percent, 10) as stop_percent,
  coalesce(a.stop_least, 5) as stop_least, a.stopped_at, a.read_at, a.problem,
  (select count(*) from directory_member as m where m.tenant_id = %(tenant)s and m.account_id = s.id and m.state <> 'left')::int as members,
  (select count(*) from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
   where m.tenant_id = %(tenant)s and m.account_id = s.id and m.state <> 'left')::int as users,
  (select count(*) from directory_change as c where c.tenant_id = %(tenant)s and c.account_id = s.id and c.state = 'open')::int as waiting,
  (select count(*) from directory_change as c where c.tenant_id = %(tenant)s and c.account_id = s.id and c.state = 'held')::int as held
from source_account as s left join directory_account as a on a.tenant_id = %(tenant)s and a.account_id = s.id
where s.tenant_id = %(tenant)s and s.connector = any(%(connectors)s::text[]) and s.status = 'active'
"""


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts whose platform has a directory, those that are one first."""
    return tx.all(
        AccountRow,
        f"{_ACCOUNTS} order by a.account_id is null, s.name, s.id limit 200",
        {"tenant": tx.tenant_id, "connectors": connectors()},
    )


def get_account(tx: Tx, account: UUID) -> AccountRow:
    """One of them. Raises NotFound."""
    row = tx.maybe(
        AccountRow,
        f"{_ACCOUNTS} and s.id = %(account)s",
        {"tenant": tx.tenant_id, "connectors": connectors(), "account": account},
    )
    if row is None:
        raise NotFound("no_such_directory", "没有这个通讯录。", "There is no such directory.")
    return row


def require_whole(tx: Tx) -> None:
    """Who comes into the company is for somebody who sees all of it. Raises Forbidden."""
    if tx.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "只有数据范围为全部的人可以管理通讯录。",
            "Only somebody whose scope is everything may manage the directory.",
        )


def way_in(tx: Tx, account: UUID) -> list[str]:
    """What those may do who come in by this account, and what its rules give: whoever holds its keys may do it too."""
    return tx.values(
        """
        select distinct unnest(r.permissions) from staff_role as r where r.tenant_id = %(tenant)s and (r.id in (
            select a.role_id from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
            join role_assignment as a on a.tenant_id = %(tenant)s and a.user_id = m.user_id
            where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.state = 'active')
          or r.id in (select d.role_id from directory_rule as d
            where d.tenant_id = %(tenant)s and d.account_id = %(account)s and d.state = 'active'))
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


@dataclass(frozen=True, slots=True)
class Handling:
    """How an account is handled."""

    mode: str
    sign_in: bool
    stop_percent: int
    stop_least: int


def set_account(tx: Tx, account: UUID, given: Handling) -> None:
    """Make an account a directory, or change how it is handled; a new one is read at once. Raises NotFound, Forbidden."""
    require_whole(tx)
    row = get_account(tx, account)
    before = {"mode": row.mode, "sign_in": row.sign_in, "stop_percent": row.stop_percent, "stop_least": row.stop_least}
    after = {
        "mode": given.mode,
        "sign_in": given.sign_in,
        "stop_percent": given.stop_percent,
        "stop_least": given.stop_least,
    }
    tx.execute(
        """
        insert into directory_account as a (tenant_id, account_id, mode, sign_in, stop_percent, stop_least, due_at)
        values (%(tenant)s, %(account)s, %(mode)s, %(sign_in)s, %(stop_percent)s, %(stop_least)s, now())
        on conflict (tenant_id, account_id) do update set mode = excluded.mode, sign_in = excluded.sign_in,
          stop_percent = excluded.stop_percent, stop_least = excluded.stop_least
        """,
        {"tenant": tx.tenant_id, "account": account, **after},
    )
    audit.record(tx, "directory.set", "source_account", account, before, after)


def remove_account(tx: Tx, account: UUID) -> None:
    """An account is no directory any more: nobody signs in by it; who was made stays as they are. Raises NotFound, Forbidden."""
    require_whole(tx)
    get_account(tx, account)
    params = {"tenant": tx.tenant_id, "account": account}
    for table in ("directory_grant", "directory_rule", "directory_change", "directory_news", "directory_member", "directory_department", "directory_account"):  # fmt: skip
        tx.execute(f"delete from {table} where tenant_id = %(tenant)s and account_id = %(account)s", params)
    audit.record(tx, "directory.removed", "source_account", account)


def read_again(tx: Tx, account: UUID) -> None:
    """Have the directory read now. Raises NotFound, Forbidden."""
    require_whole(tx)
    get_account(tx, account)
    tx.execute(
        "update directory_account set due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    )
    audit.record(tx, "directory.reading", "source_account", account)


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department, with the part of the organisation that somebody said it is."""

    department: str
    parent: str
    name: str
    unit_id: UUID | None
    unit_name: str | None
    members: int


def list_departments(tx: Tx, account: UUID) -> list[DepartmentRow]:
    """The tree as it was read last. Raises NotFound."""
    get_account(tx, account)
    return tx.all(
        DepartmentRow,
        """
        select d.department, d.parent, d.name, d.unit_id, u.name as unit_name,
          (select count(*) from directory_member as m where m.tenant_id = %(tenant)s and m.account_id = d.account_id and m.state <> 'left'
             and d.department = any(m.departments))::int as members
        from directory_department as d left join org_unit as u on u.tenant_id = %(tenant)s and u.id = d.unit_id
        where d.tenant_id = %(tenant)s and d.account_id = %(account)s and not d.gone order by d.name, d.department limit 20000
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


def place_departments(tx: Tx, actor: Identity, account: UUID, chosen: Sequence[tuple[str, UUID | None]]) -> None:
    """Say which region or store each of these departments is, or that it is none. Roles follow by the changes this makes.

    Raises NotFound, Forbidden (also where it would give the actor more than she may give), InvalidInput for a department or a unit that is
    not there.
    """
    require_whole(tx)
    get_account(tx, account)
    for department, unit in chosen:
        known = tx.value(
            "select kind from org_unit where tenant_id = %(tenant)s and id = %(unit)s and kind in ('region', 'store')",
            {"tenant": tx.tenant_id, "unit": unit},
        )
        if unit is not None and known is None:
            raise _unknown("unit_id", "没有这个区域或门店", "no such region or store")
        placed = tx.execute(
            """
            update directory_department set unit_id = %(unit)s, chosen_by = %(user)s
            where tenant_id = %(tenant)s and account_id = %(account)s and department = %(department)s
            """,
            {"tenant": tx.tenant_id, "account": account, "department": department, "unit": unit, "user": tx.user_id},
        )
        if not placed:
            raise _unknown("department", f"没有部门 {department}", f"no department {department}")
    knowing.refuse_beyond(tx, actor.grants, knowing.changes(tx, account, _members_of(tx, account, actor.user_id)))
    told = {department: None if unit is None else str(unit) for department, unit in chosen}
    audit.record(tx, "directory.departments_placed", "source_account", account, None, told)
    filing.file_changes(tx, account)


def _members_of(tx: Tx, account: UUID, user_id: UUID) -> list[str]:
    """Whom a person is there."""
    return tx.values(
        "select member from directory_member where tenant_id = %(tenant)s and account_id = %(account)s and user_id = %(user)s",
        {"tenant": tx.tenant_id, "account": account, "user": user_id},
    )


def _unknown(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        "bad_department", "部门对应关系有误。", "This does not fit a department.", details=(Detail(where, zh, en),)
    )


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of staff, and who she is here."""

    member: str
    name: str
    departments: list[str]
    position: str
    state: str
    user_id: UUID | None
    user_name: str | None
    user_active: bool | None
    likely_id: UUID | None
    likely_name: str | None
    likely_by: str | None


def list_members(
    tx: Tx, account: UUID, *, q: str | None, cursor: str | None, limit: int
) -> tuple[list[MemberRow], str | None]:
    """A page of members by name. Raises NotFound, InvalidInput for a cursor we did not make."""
    get_account(tx, account)
    name, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        MemberRow,
        """
        select m.member, m.name, m.departments, m.position, m.state, m.user_id, u.name as user_name, u.active as user_active, m.likely_id,
          l.name as likely_name, m.likely_by
        from directory_member as m
        left join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id
        left join staff_user as l on l.tenant_id = %(tenant)s and l.id = m.likely_id
        where m.tenant_id = %(tenant)s and m.account_id = %(account)s and (m.state <> 'left' or m.user_id is not null)
          and (%(q)s::text is null or strpos(lower(m.name), lower(%(q)s)) > 0 or strpos(lower(m.member), lower(%(q)s)) > 0)
          and (%(name)s::text is null or (m.name, m.member) > (%(name)s, %(last)s::text))
        order by m.name, m.member limit %(more)s
        """,
        {"tenant": tx.tenant_id, "account": account, "q": q, "name": name, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "name", "member")


def bind(tx: Tx, actor: Identity, account: UUID, member: str, user_id: UUID | None) -> None:
    """Say which colleague a member is: she signs in as that person. Whoever she was before is signed out.

    Raises NotFound, Forbidden (either person outranks the actor, or rules would give her more than the actor may give), InvalidInput
    (disabled), Conflict (a member already).
    """
    require_whole(tx)
    get_account(tx, account)
    params: dict[str, Any] = {"tenant": tx.tenant_id, "account": account, "member": member, "user": user_id}
    if user_id is not None and not staff.changeable(tx, actor, user_id).active:
        detail = Detail("user_id", "请选择启用的同事", "choose somebody who is active")
        raise InvalidInput("user_disabled", "这位同事已停用。", "This colleague is disabled.", details=(detail,))
    found = tx.cursor(
        "select user_id from directory_member where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s for update",
        params,
    ).fetchone()
    if found is None:
        raise NotFound("no_such_member", "通讯录里没有这位成员。", "The directory knows no such member.")
    before: UUID | None = found[0]
    if before is not None and before != user_id:
        staff.changeable(tx, actor, before)
        sessions.end_sessions(tx, before, but=actor.session_id)
    taken = tx.value(
        "select 1 from directory_member where tenant_id = %(tenant)s and account_id = %(account)s and user_id = %(user)s and member <> %(member)s",
        params,
    )
    if taken is not None:
        raise Conflict("user_bound", "这位同事已对应另一位成员。", "This colleague is another member already.")
    tx.execute(
        """
        update directory_member set user_id = %(user)s, made_here = false, unlooked = false, likely_id = null, likely_by = null
        where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s
        """,
        params,
    )
    # Whom a member is decides who gets her department's roles: a choice of hers would be a way around what the actor may give.
    if user_id is not None:
        knowing.refuse_member(tx, actor.grants, account, member)
    audit.record(
        tx,
        "directory.member_bound",
        "directory_member",
        f"{account}:{member}",
        {"user_id": before},
        {"user_id": user_id},
    )
    filing.file_changes(tx, account, [member])
