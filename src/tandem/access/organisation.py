"""The organisation tree and its changes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tandem.access import audit
from tandem.access.service import check_parent, create_org_unit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class OrgUnitRow:
    """One node of the tree."""

    id: UUID
    parent_id: UUID | None
    kind: str
    code: str
    name: str
    active: bool


def list_org_units(tx: Tx) -> list[OrgUnitRow]:
    """The tree, brands first; within a kind by code. At most 20,000 nodes: the largest chains have fewer stores."""
    return tx.all(
        OrgUnitRow,
        """
        select id, parent_id, kind, code, name, active from org_unit where tenant_id = %(tenant)s
        order by array_position(array['brand', 'region', 'store'], kind), code limit 20000
        """,
        {"tenant": tx.tenant_id},
    )


def get_org_unit(tx: Tx, unit_id: UUID) -> OrgUnitRow:
    """One node. Raises NotFound."""
    row = tx.maybe(
        OrgUnitRow,
        "select id, parent_id, kind, code, name, active from org_unit where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": unit_id},
    )
    if row is None:
        raise NotFound("no_such_unit", "没有这个组织单元。", "There is no such organisation unit.")
    return row


def add_org_unit(tx: Tx, *, kind: str, code: str, name: str, parent_id: UUID | None) -> UUID:
    """Add a node and its trace; returns its id. Raises InvalidInput (wrong parent), Conflict (code taken), Forbidden."""
    _require_whole(tx)
    unit_id = create_org_unit(tx, kind=kind, code=code, name=name, parent_id=parent_id)
    after = {"kind": kind, "code": code, "name": name, "parent_id": parent_id}
    audit.record(tx, "org_unit.created", "org_unit", unit_id, None, after)
    return unit_id


def change_org_unit(tx: Tx, unit_id: UUID, *, name: str | None, active: bool | None, parent_id: UUID | None) -> None:
    """Change what is not None; a new parent moves the whole branch and with it who sees its customers.

    Raises NotFound, InvalidInput (wrong parent), Forbidden.
    """
    _require_whole(tx)
    row = get_org_unit(tx, unit_id)
    if parent_id is not None:
        check_parent(tx, row.kind, parent_id)
    before = {"name": row.name, "active": row.active, "parent_id": row.parent_id}
    after = {
        "name": row.name if name is None else name,
        "active": row.active if active is None else active,
        "parent_id": row.parent_id if parent_id is None else parent_id,
    }
    tx.execute(
        """
        update org_unit set name = %(name)s, active = %(active)s, parent_id = %(parent_id)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {**after, "tenant": tx.tenant_id, "id": unit_id},
    )
    old, new = audit.changes(before, after)
    if new:
        audit.record(tx, "org_unit.changed", "org_unit", unit_id, old, new)


def _require_whole(tx: Tx) -> None:
    # Whoever sees one region could otherwise move another's stores into it, and their customers with them.
    if tx.scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "只有数据范围为全部的人可以修改组织架构。",
            "Only somebody whose scope is everything may change the organisation.",
        )
