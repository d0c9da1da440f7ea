"""Reading a directory: departments and members as the platform has them now, and whom unknown ones might be here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tandem.domains.directory.deciding import alike
from tandem.domains.directory.gateway import Department, Person
from tandem.kernel.db import Tx
from tandem.stream.rows import to_json

#: By what a member may be a colleague: her address or number is the log-in name, or nobody else has her name.
_LIKELY: Final = """
with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, name text, email text, mobile text)),
free as (
  select u.id, lower(u.login) as login, u.name from staff_user as u
  where u.tenant_id = %(tenant)s and u.active and not exists (
    select from directory_member as b where b.tenant_id = %(tenant)s and b.account_id = %(account)s and b.user_id = u.id)),
found as (
  select s.member,
    (select f.id from free as f where f.login in (lower(nullif(s.email, '')), nullif(s.mobile, ''), lower(s.member)) limit 1) as by_login,
    (select case when count(*) = 1 then (array_agg(f.id))[1] end from free as f where f.name = s.name) as by_name
  from said as s)
update directory_member as m set likely_id = coalesce(f.by_login, f.by_name),
  likely_by = case when f.by_login is not null then 'login' when f.by_name is not null then 'name' end
from found as f where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.member = f.member and m.user_id is null
"""
_MEMBERS: Final = """
with said as (
  select * from jsonb_to_recordset(%(rows)s::jsonb)
    as n(member text, name text, departments text[], position text, leads text[], address text, active boolean)),
gone as (
  update directory_member as m set state = 'left', left_at = now() where m.tenant_id = %(tenant)s and m.account_id = %(account)s
    and m.state <> 'left' and %(whole)s and not exists (select from said as s where s.member = m.member))
insert into directory_member as m (tenant_id, account_id, member, name, departments, position, leads, address, state, seen_at)
select %(tenant)s, %(account)s, s.member, s.name, s.departments, s.position, s.leads, s.address,
  case when s.active then 'active' else 'disabled' end, now() from said as s order by s.member
on conflict (tenant_id, account_id, member) do update set name = excluded.name, departments = excluded.departments,
  position = excluded.position, leads = excluded.leads, address = excluded.address, state = excluded.state, seen_at = excluded.seen_at, left_at = null
"""
# An id that comes back under another name is a newcomer's. While the one before her still has her account here (too many left at once, and
# nobody has said yet that it is right), she stays gone and the id is nobody's way in; once it is shut, the newcomer is nobody here yet.
_SUCCEEDED: Final = """
with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, name text))
update directory_member as m set user_id = null, made_here = false, likely_id = null, likely_by = null
from said as s where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.member = s.member and m.state = 'left' and m.name <> s.name
  and m.user_id is not null and not exists (select from staff_user as u where u.tenant_id = %(tenant)s and u.id = m.user_id and u.active)
"""
_AWAITED: Final = """
select m.member from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
join jsonb_to_recordset(%(rows)s::jsonb) as s(member text, name text) on s.member = m.member and s.name <> m.name
where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.state = 'left'
"""
# Somebody with the right to said already who an adviser is: beside the chat she signs in as that person. Nobody looked then at what the
# rules give this member, so a person does before they give it (`unlooked`).
_BOUND: Final = """
update directory_member as m set user_id = b.user_id, unlooked = true, likely_id = null, likely_by = null from adviser_binding as b
where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.user_id is null and b.tenant_id = %(tenant)s
  and b.account_id = %(account)s and b.member = m.member and not exists (
    select from directory_member as o where o.tenant_id = %(tenant)s and o.account_id = %(account)s and o.user_id = b.user_id)
"""


def keep_departments(tx: Tx, account: UUID, found: Sequence[Department]) -> None:
    """Write the tree down; what a department is here stays as somebody chose, and one that is not told any more is none."""
    rows = to_json([{"department": one.id, "parent": one.parent, "name": one.name} for one in found])
    tx.execute(
        """
        with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(department text, parent text, name text)),
        gone as (
          update directory_department as d set gone = true where d.tenant_id = %(tenant)s and d.account_id = %(account)s
            and not exists (select from said as s where s.department = d.department))
        insert into directory_department as d (tenant_id, account_id, department, parent, name)
        select %(tenant)s, %(account)s, s.department, s.parent, s.name from said as s order by s.department
        on conflict (tenant_id, account_id, department) do update set parent = excluded.parent, name = excluded.name, gone = false
        """,
        {"tenant": tx.tenant_id, "account": account, "rows": rows},
    )


def keep_members(tx: Tx, account: UUID, found: Sequence[Person], *, whole: bool) -> None:
    """Write members down. `whole`: it is everybody, so whoever is not among them has left. Numbers and addresses are not kept."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "account": account, "whole": whole}
    rows = [
        {
            "member": one.member,
            "name": one.name,
            "departments": list(one.departments),
            "position": one.position,
            "leads": list(one.leads),
            "address": one.address or one.member,
            "active": one.active,
        }
        for one in found
    ]
    told = to_json([{"member": one.member, "name": one.name} for one in found])
    tx.execute(_SUCCEEDED, params | {"rows": told})
    awaited = set(tx.values(_AWAITED, params | {"rows": told}))
    tx.execute(_MEMBERS, params | {"rows": to_json([one for one in rows if one["member"] not in awaited])})
    tx.execute(_BOUND, params)
    likely = [{"member": one.member, "name": one.name, "email": one.email, "mobile": one.mobile} for one in found]
    tx.execute(_LIKELY, params | {"rows": to_json(likely)})


def mark_left(tx: Tx, account: UUID, member: str) -> None:
    """A member is not there any more."""
    tx.execute(
        """
        update directory_member set state = 'left', left_at = now()
        where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s and state <> 'left'
        """,
        {"tenant": tx.tenant_id, "account": account, "member": member},
    )


def proposals(tx: Tx, account: UUID) -> dict[str, UUID]:
    """For departments that nobody placed yet: the one region or store that is called alike. Only a person takes one up."""
    units = tx.cursor(
        "select id, name from org_unit where tenant_id = %(tenant)s and kind in ('region', 'store') and active limit 20000",
        {"tenant": tx.tenant_id},
    ).fetchall()
    rows = tx.cursor(
        """
        select department, name from directory_department
        where tenant_id = %(tenant)s and account_id = %(account)s and unit_id is null and not gone and chosen_by is null
        """,
        {"tenant": tx.tenant_id, "account": account},
    ).fetchall()
    known = [(UUID(str(unit)), str(name)) for unit, name in units]
    found = {str(department): alike(str(name), known) for department, name in rows}
    return {department: unit for department, unit in found.items() if unit is not None}
