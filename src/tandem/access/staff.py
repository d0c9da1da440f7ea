"""People and what they may do, as the settings screens change it: nobody gives more than they have, and an admin always remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem.access import audit, sessions
from tandem.access.identity import Identity
from tandem.access.paging import from_cursor, page_of
from tandem.access.permissions import Grant, refuse_escalation
from tandem.access.service import add_assignment, create_user
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role within a scope, as asked for."""

    role_id: UUID
    scope: str
    org_unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A person with their assignments ([{role_id, role_code, role_name, scope, org_unit_id, org_unit_name}])."""

    id: UUID
    login: str
    name: str
    language: str | None
    active: bool
    created_at: datetime
    last_seen_at: datetime | None
    assignments: list[dict[str, Any]]


_STAFF = """
    select u.id, u.login, u.name, u.language, u.active, u.created_at, u.last_seen_at,
           coalesce((select jsonb_agg(jsonb_build_object('role_id', a.role_id, 'role_code', r.code, 'role_name', r.name,
                       'scope', a.scope, 'org_unit_id', a.org_unit_id, 'org_unit_name', o.name) order by r.code, o.name)
                     from role_assignment a
                     join staff_role r on r.tenant_id = a.tenant_id and r.id = a.role_id
                     left join org_unit o on o.tenant_id = a.tenant_id and o.id = a.org_unit_id
                     where a.tenant_id = u.tenant_id and a.user_id = u.id), '[]'::jsonb) as assignments
    from staff_user u
    where u.tenant_id = %(tenant)s
"""
# Whoever manages one shop sees its people and themselves, not the whole company's.
_IN_SCOPE = """
      and (%(everyone)s or u.id = %(me)s or exists (
        select 1 from role_assignment a
        where a.tenant_id = u.tenant_id and a.user_id = u.id and a.org_unit_id = any(%(stores)s)))
"""


def _reader(tx: Tx) -> dict[str, Any]:
    return {
        "tenant": tx.tenant_id,
        "me": tx.user_id,
        "everyone": tx.scope.kind == "all",
        "stores": list(tx.scope.store_ids),
    }


def list_staff(tx: Tx, *, q: str | None, cursor: str | None, limit: int) -> tuple[list[StaffRow], str | None]:
    """People within the reader's scope by name; `q` looks in name and log-in."""
    after = from_cursor(cursor, 2) if cursor else [None, None]
    rows = tx.all(
        StaffRow,
        f"""{_STAFF} {_IN_SCOPE}
          and (%(q)s::text is null or strpos(lower(u.name), lower(%(q)s)) > 0 or strpos(lower(u.login), lower(%(q)s)) > 0)
          and (%(name)s::text is null or (u.name, u.id) > (%(name)s, %(id)s::uuid))
        order by u.name, u.id limit %(limit)s
        """,
        {**_reader(tx), "q": q, "name": after[0], "id": after[1], "limit": limit + 1},
    )
    return page_of(rows, limit, "name", "id")


def get_staff(tx: Tx, user_id: UUID) -> StaffRow:
    """One person within the reader's scope. Raises NotFound."""
    row = tx.maybe(StaffRow, f"{_STAFF} {_IN_SCOPE} and u.id = %(id)s", {**_reader(tx), "id": user_id})
    if row is None:
        raise _no_such_user()
    return row


def read_staff(tx: Tx, user_id: UUID) -> StaffRow:
    """One person of the tenant, whoever asks: the answer to a change that was allowed. Raises NotFound."""
    row = tx.maybe(StaffRow, f"{_STAFF} and u.id = %(id)s", {"tenant": tx.tenant_id, "id": user_id})
    if row is None:
        raise _no_such_user()
    return row


def _no_such_user() -> NotFound:
    return NotFound("no_such_user", "没有这位员工。", "There is no such person.")


def add_staff(
    tx: Tx,
    actor: Identity,
    *,
    login: str,
    name: str,
    password: str,
    language: str | None,
    assignments: Sequence[Assignment],
) -> UUID:
    """Add a person with their roles; returns their id. Raises Forbidden when that gives more than the actor has."""
    user_id = create_user(tx, login=login, name=name, password=password, language=language)
    _assign(tx, actor, user_id, assignments)
    after = {"login": login, "name": name, "assignments": _plain(assignments)}
    audit.record(tx, "user.created", "staff_user", user_id, None, after)
    return user_id


def change_staff(
    tx: Tx,
    actor: Identity,
    user_id: UUID,
    *,
    name: str | None = None,
    language: str | None = None,
    active: bool | None = None,
    password: str | None = None,
    assignments: Sequence[Assignment] | None = None,
) -> None:
    """Change what is not None. A disabled person's sessions end at once and their API keys stop with them.

    Raises NotFound, Forbidden (the person, or the roles given, outrank the actor), Conflict (no administrator would remain).
    """
    row = changeable(tx, actor, user_id)
    before: dict[str, Any] = {"name": row.name, "language": row.language, "active": row.active}
    after: dict[str, Any] = {
        "name": row.name if name is None else name,
        "language": row.language if language is None else language,
        "active": row.active if active is None else active,
    }
    tx.execute(
        """
        update staff_user set name = %(name)s, language = %(language)s, active = %(active)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {**after, "tenant": tx.tenant_id, "id": user_id},
    )
    if assignments is not None:
        before["assignments"] = row.assignments
        after["assignments"] = _plain(assignments)
        tx.execute(
            "delete from role_assignment where tenant_id = %(tenant)s and user_id = %(user)s",
            {"tenant": tx.tenant_id, "user": user_id},
        )
        _assign(tx, actor, user_id, assignments)
    if active is False:
        sessions.end_sessions(tx, user_id)
    if password is not None:
        sessions.set_password(tx, user_id, password)
    require_admin(tx)
    old, new = audit.changes(before, after)
    if new:
        audit.record(tx, "user.changed", "staff_user", user_id, old, new)


def changeable(tx: Tx, actor: Identity, user_id: UUID) -> StaffRow:
    """A person whom the actor may change, or let somebody sign in as; no other change of people runs until this one ends.

    Raises NotFound (not within the actor's scope), Forbidden (the person outranks the actor).
    """
    lock_staff(tx)
    row = get_staff(tx, user_id)
    _refuse_outranked(tx, actor, user_id)
    return row


def grants_of(tx: Tx, user_id: UUID) -> list[Grant]:
    """What a person of this tenant holds now."""
    rows = tx.dicts(
        """
        with recursive below as (
          select a.id as assignment, o.id, o.kind from role_assignment a
          join org_unit o on o.tenant_id = a.tenant_id and o.id = a.org_unit_id
          where a.tenant_id = %(tenant)s and a.user_id = %(user)s
          union
          select b.assignment, o.id, o.kind from org_unit o join below b on o.parent_id = b.id where o.tenant_id = %(tenant)s
        )
        select r.permissions, a.scope, array(select b.id from below b where b.assignment = a.id and b.kind = 'store') as stores
        from role_assignment a join staff_role r on r.tenant_id = a.tenant_id and r.id = a.role_id
        where a.tenant_id = %(tenant)s and a.user_id = %(user)s
        """,
        {"tenant": tx.tenant_id, "user": user_id},
    )
    return [Grant(frozenset(row["permissions"]), row["scope"], tuple(row["stores"])) for row in rows]


def require_admin(tx: Tx) -> None:
    """Raise Conflict unless an active person with every permission everywhere remains. Call after `lock_staff` and the change."""
    left: int = tx.value(
        """
        select count(*) from staff_user u
        where u.tenant_id = %(tenant)s and u.active and exists (
          select 1 from role_assignment a join staff_role r on r.tenant_id = a.tenant_id and r.id = a.role_id
          where a.tenant_id = u.tenant_id and a.user_id = u.id and a.scope = 'all' and '*' = any(r.permissions))
        """,
        {"tenant": tx.tenant_id},
    )
    if left == 0:
        raise Conflict(
            "last_admin",
            "至少要保留一位启用的管理员。",
            "At least one active administrator must remain.",
        )


def lock_staff(tx: Tx) -> None:
    """Let one change of people or roles of a tenant run at a time, so that two cannot each remove "the other" admin."""
    tx.execute(
        "select 1 from staff_role where tenant_id = %(tenant)s and code = 'admin' for update",
        {"tenant": tx.tenant_id},
    )


def _refuse_outranked(tx: Tx, actor: Identity, user_id: UUID) -> None:
    # Whoever may reset a password or disable an account could otherwise take over a more powerful one.
    # A key holds less than its maker, whom it may not become.
    if user_id == actor.user_id and actor.api_key_id is None:
        return
    for grant in grants_of(tx, user_id):
        refuse_escalation(actor.grants, grant.permissions, Scope(grant.scope, grant.store_ids))


def _assign(tx: Tx, actor: Identity, user_id: UUID, assignments: Sequence[Assignment]) -> None:
    for index, one in enumerate(assignments):
        _check_assignment(tx, one, f"assignments[{index}]")
        add_assignment(tx, user_id, one.role_id, one.scope, one.org_unit_id)
    for grant in grants_of(tx, user_id):
        refuse_escalation(actor.grants, grant.permissions, Scope(grant.scope, grant.store_ids))


def _check_assignment(tx: Tx, one: Assignment, where: str) -> None:
    wanted = one.scope if one.scope in {"region", "store"} else None
    role: str | None = tx.value(
        "select code from staff_role where tenant_id = %(tenant)s and id = %(role)s",
        {"tenant": tx.tenant_id, "role": one.role_id},
    )
    if role is None:
        raise InvalidInput(
            "no_such_role",
            "没有这个角色。",
            "There is no such role.",
            details=(Detail(f"{where}.role_id", "没有这个角色", "no such role"),),
        )
    kind: str | None = tx.value(
        "select kind from org_unit where tenant_id = %(tenant)s and id = %(unit)s",
        {"tenant": tx.tenant_id, "unit": one.org_unit_id},
    )
    if kind != wanted or (wanted is None and one.org_unit_id is not None):
        raise InvalidInput(
            "wrong_scope",
            "数据范围与组织单元不匹配。",
            "The data scope does not fit the organisation unit.",
            details=(
                Detail(
                    f"{where}.org_unit_id",
                    f"范围 {one.scope} 需要{'一个' + wanted if wanted else '空值'}",
                    f"the scope {one.scope} takes {('a ' + wanted) if wanted else 'no unit'}",
                ),
            ),
        )


def _plain(assignments: Sequence[Assignment]) -> list[dict[str, Any]]:
    return [{"role_id": one.role_id, "scope": one.scope, "org_unit_id": one.org_unit_id} for one in assignments]
