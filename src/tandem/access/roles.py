"""A tenant's roles. Built-in ones are read-only, so that an upgrade may extend them without overwriting anybody's choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tandem.access import audit
from tandem.access.identity import Identity
from tandem.access.permissions import refuse_escalation, unknown
from tandem.access.staff import lock_staff, require_admin
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role and how many active people hold it."""

    id: UUID
    code: str
    name: str
    built_in: bool
    permissions: list[str]
    holders: int


_ROLES = """
    select r.id, r.code, r.name, r.built_in, r.permissions,
           (select count(distinct a.user_id) from role_assignment a
            join staff_user u on u.tenant_id = a.tenant_id and u.id = a.user_id and u.active
            where a.tenant_id = r.tenant_id and a.role_id = r.id)::int as holders
    from staff_role r where r.tenant_id = %(tenant)s
"""


def list_roles(tx: Tx) -> list[RoleRow]:
    """All roles, built-in first."""
    return tx.all(
        RoleRow, f"{_ROLES} order by r.built_in desc, r.created_at, r.code limit 500", {"tenant": tx.tenant_id}
    )


def get_role(tx: Tx, role_id: UUID) -> RoleRow:
    """One role. Raises NotFound."""
    row = tx.maybe(RoleRow, f"{_ROLES} and r.id = %(id)s", {"tenant": tx.tenant_id, "id": role_id})
    if row is None:
        raise NotFound("no_such_role", "没有这个角色。", "There is no such role.")
    return row


def add_role(tx: Tx, actor: Identity, *, name: str, permissions: Iterable[str], known: Iterable[str]) -> UUID:
    """Make a role; returns its id. Raises InvalidInput for an unknown permission, Forbidden for one the actor lacks anywhere."""
    wanted = _checked(actor, permissions, known)
    role_id = new_id()
    tx.execute(
        """
        insert into staff_role (id, tenant_id, code, name, built_in, permissions)
        values (%(id)s, %(tenant)s, %(code)s, %(name)s, false, %(permissions)s)
        """,
        {
            "id": role_id,
            "tenant": tx.tenant_id,
            "code": f"own_{role_id.hex[-12:]}",
            "name": name,
            "permissions": wanted,
        },
    )
    audit.record(tx, "role.created", "staff_role", role_id, None, {"name": name, "permissions": wanted})
    return role_id


def change_role(
    tx: Tx,
    actor: Identity,
    role_id: UUID,
    *,
    name: str | None,
    permissions: Iterable[str] | None,
    known: Iterable[str],
) -> None:
    """Change what is not None. Raises NotFound, Conflict (built-in; no admin would remain), InvalidInput, Forbidden."""
    lock_staff(tx)
    row = _own(tx, role_id)
    # Taking permissions away from a more powerful role is also refused: it would disarm those above.
    refuse_escalation(actor.grants, row.permissions, Scope.all())
    after: dict[str, Any] = {
        "name": row.name if name is None else name,
        "permissions": row.permissions if permissions is None else _checked(actor, permissions, known),
    }
    tx.execute(
        "update staff_role set name = %(name)s, permissions = %(permissions)s where tenant_id = %(tenant)s and id = %(id)s",
        {**after, "tenant": tx.tenant_id, "id": role_id},
    )
    require_admin(tx)
    old, new = audit.changes({"name": row.name, "permissions": row.permissions}, after)
    if new:
        audit.record(tx, "role.changed", "staff_role", role_id, old, new)


def remove_role(tx: Tx, role_id: UUID) -> None:
    """Delete a role nobody holds. Raises NotFound, Conflict (built-in or held)."""
    lock_staff(tx)
    row = _own(tx, role_id)
    held = tx.value(
        "select count(*) from role_assignment where tenant_id = %(tenant)s and role_id = %(id)s",
        {"tenant": tx.tenant_id, "id": role_id},
    )
    if held:
        raise Conflict(
            "role_held",
            f"还有 {held} 处授予了这个角色，请先收回。",
            f"The role is still assigned {held} times; take it back first.",
        )
    tx.execute(
        "delete from staff_role where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": role_id},
    )
    audit.record(tx, "role.deleted", "staff_role", role_id, {"name": row.name, "permissions": row.permissions}, None)


def _own(tx: Tx, role_id: UUID) -> RoleRow:
    row = get_role(tx, role_id)
    if row.built_in:
        raise Conflict(
            "built_in_role",
            "内置角色不能修改，请复制为新角色。",
            "A built-in role cannot be changed; copy it into one of your own.",
        )
    return row


def _checked(actor: Identity, permissions: Iterable[str], known: Iterable[str]) -> list[str]:
    wanted = sorted(set(permissions))
    strange = unknown(wanted, known)
    if strange:
        raise InvalidInput(
            "unknown_permission",
            "有不认识的权限。",
            "Some permissions are not known.",
            details=tuple(Detail("permissions", f"不认识 {name}", f"{name} is not known") for name in strange),
        )
    # A role may be assigned to anybody anywhere, so its maker must hold each permission everywhere.
    refuse_escalation(actor.grants, wanted, Scope.all())
    return wanted
