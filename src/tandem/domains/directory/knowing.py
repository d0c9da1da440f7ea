"""What is known of a directory, read together: departments, rules in force, members and what they hold here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from tandem.access import staff
from tandem.access.permissions import Grant, refuse_escalation
from tandem.domains.directory.deciding import Change, Holding, Known, Place, Rule, change_of, holdings, is_strong
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as people see it. `in_force`: its role is given; else `why`: waiting, refused, maker_gone, maker_short, unseconded."""

    id: UUID
    account_id: UUID
    department: str | None
    department_name: str | None
    position: str | None
    leaders_only: bool
    role_id: UUID
    role_name: str
    permissions: list[str]
    scope: str
    state: str
    made_by: UUID
    made_by_name: str
    maker_active: bool
    decided_by: UUID | None
    decided_by_name: str | None

    @property
    def strong(self) -> bool:
        """Whether its role wants a second person's word."""
        return is_strong(self.permissions)


_RULES: Final = """
select r.id, r.account_id, r.department, d.name as department_name, r.position, r.leaders_only, r.role_id, o.name as role_name, o.permissions,
  r.scope, r.state, r.made_by, m.name as made_by_name, m.active as maker_active, r.decided_by, s.name as decided_by_name
from directory_rule as r
join staff_role as o on o.tenant_id = %(tenant)s and o.id = r.role_id
join staff_user as m on m.tenant_id = %(tenant)s and m.id = r.made_by
left join staff_user as s on s.tenant_id = %(tenant)s and s.id = r.decided_by
left join directory_department as d on d.tenant_id = %(tenant)s and d.account_id = r.account_id and d.department = r.department
where r.tenant_id = %(tenant)s and r.account_id = %(account)s order by r.made_at, r.id limit 500
"""


def rules_of(tx: Tx, account: UUID) -> list[RuleRow]:
    """An account's rules, the oldest first."""
    return tx.all(RuleRow, _RULES, {"tenant": tx.tenant_id, "account": account})


def hindered(tx: Tx, rules: Iterable[RuleRow]) -> dict[UUID, str]:
    """Why rules give nothing now. A rule never gives more than its maker may give at this moment, and dies with the maker's account."""
    found: dict[UUID, str] = {}
    makers: dict[UUID, list[Grant]] = {}
    for one in rules:
        if one.state != "active":
            found[one.id] = one.state
        elif not one.maker_active:
            found[one.id] = "maker_gone"
        elif one.strong and one.decided_by is None:
            # The role has grown since: what one person could give then, two have to give now.
            found[one.id] = "unseconded"
        else:
            grants = makers.setdefault(one.made_by, staff.grants_of(tx, one.made_by))
            if not may_give(grants, one.permissions):
                found[one.id] = "maker_short"
    return found


def may_give(grants: Sequence[Grant], permissions: Sequence[str]) -> bool:
    """Whether whoever holds these grants may give a role to anybody anywhere."""
    try:
        refuse_escalation(grants, (*permissions, "user.write"), Scope.all())
    except Forbidden:
        return False
    return True


def in_force(rows: Iterable[RuleRow], void: Mapping[UUID, str]) -> list[Rule]:
    """The rules that give their role now."""
    return [
        Rule(one.id, one.department, one.position, one.leaders_only, one.role_id, one.scope)
        for one in rows
        if one.id not in void
    ]


def refuse_beyond(tx: Tx, grants: Sequence[Grant], found: Iterable[Change], *, strong_only: bool = False) -> None:
    """Raise Forbidden where changes give roles that may do more than these grants; `strong_only`: only roles that can give rights count."""
    for role in {each.role_id for one in found for each in one.after - one.before}:
        permissions: list[str] = tx.value(
            "select permissions from staff_role where tenant_id = %(tenant)s and id = %(role)s",
            {"tenant": tx.tenant_id, "role": role},
        )
        if not strong_only or is_strong(permissions):
            refuse_escalation(grants, permissions, Scope.all())


def refuse_member(tx: Tx, grants: Sequence[Grant], account: UUID, member: str) -> None:
    """Refuse to say who a member is where rules give her more than these grants may give. Raises Forbidden."""
    rows = rules_of(tx, account)
    rules, places = in_force(rows, hindered(tx, rows)), places_of(tx, account)
    given = {each.role_id for one in known(tx, account, [member]) for each in holdings(one, rules, places)}
    for row in rows:
        if row.role_id in given:
            refuse_escalation(grants, row.permissions, Scope.all())


def places_of(tx: Tx, account: UUID) -> dict[str, Place]:
    """Departments with the part of the organisation that each is; one that is switched off is none."""
    rows = tx.all(
        Place,
        """
        select d.department as id, d.parent, u.id as unit_id, coalesce(u.kind, '') as kind from directory_department as d
        left join org_unit as u on u.tenant_id = %(tenant)s and u.id = d.unit_id and u.active and u.kind in ('region', 'store')
        where d.tenant_id = %(tenant)s and d.account_id = %(account)s and not d.gone
        """,
        {"tenant": tx.tenant_id, "account": account},
    )
    return {one.id: one for one in rows}


_KNOWN: Final = """
select m.member, m.name, m.departments, m.position, m.leads, m.state, m.user_id, u.active as user_active, m.likely_id is not null as likely, m.unlooked,
  (select jsonb_agg(jsonb_build_array(a.role_id, a.scope, a.org_unit_id)) from role_assignment as a
   where a.tenant_id = %(tenant)s and a.user_id = m.user_id) as holds,
  (select jsonb_agg(jsonb_build_array(g.role_id, g.scope, g.org_unit_id)) from directory_grant as g
   where g.tenant_id = %(tenant)s and g.user_id = m.user_id and g.account_id = %(account)s) as given
from directory_member as m left join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id
where m.tenant_id = %(tenant)s and m.account_id = %(account)s and (%(members)s::text[] is null or m.member = any(%(members)s::text[]))
  and (m.state <> 'left' or u.active) order by m.member
"""


def known(tx: Tx, account: UUID, members: Sequence[str] | None = None) -> list[Known]:
    """Members with what they hold here: all, or some."""
    rows = tx.dicts(
        _KNOWN, {"tenant": tx.tenant_id, "account": account, "members": None if members is None else list(members)}
    )
    return [
        Known(
            row["member"], row["name"], row["departments"], row["position"], row["leads"], row["state"], row["user_id"], row["user_active"],
            held(row["holds"]), held(row["given"]), likely=row["likely"], unlooked=row["unlooked"],
        )
        for row in rows
    ]  # fmt: skip


def held(rows: Sequence[Sequence[Any]] | None) -> frozenset[Holding]:
    """Roles as they stand in a row."""
    return frozenset(
        Holding(UUID(str(role)), str(scope), None if unit is None else UUID(str(unit)))
        for role, scope, unit in rows or ()
    )


def stored(holding: frozenset[Holding]) -> list[list[str | None]]:
    """Roles as they are kept in a row."""
    return sorted(
        ([str(one.role_id), one.scope, None if one.org_unit_id is None else str(one.org_unit_id)] for one in holding),
        key=str,
    )


def changes(tx: Tx, account: UUID, members: Sequence[str] | None = None) -> list[Change]:
    """What is to be done about members: all, or some. A role that can give rights is given to nobody without a person's word."""
    rows = rules_of(tx, account)
    rules, places = in_force(rows, hindered(tx, rows)), places_of(tx, account)
    strong = {one.role_id for one in rows if one.strong}
    found = (change_of(one, holdings(one, rules, places)) for one in known(tx, account, members))
    return [
        replace(one, why=one.why or "strong") if any(each.role_id in strong for each in one.after - one.before) else one
        for one in found
        if one is not None
    ]
