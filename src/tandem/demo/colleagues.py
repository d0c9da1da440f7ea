"""The demo's people in its simulated WeCom: read, placed and let in as an administrator would, so that they can sign in by it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.access import staff
from tandem.access.http import Access
from tandem.access.identity import Identity
from tandem.domains.directory import accounts, jobs, people, rules
from tandem.kernel.db import Database, Scope, Tx

#: Who is what, by department of the simulated company: role and scope.
HOLD: Final = {"2": ("store_manager", "unit"), "3": ("marketing_assistant", "all")}
SHOP_DEPARTMENT: Final = "2"


def invite(db: Database, tenant: UUID, source: str) -> None:
    """Make the account the directory, say what its departments are and hold, and let everybody in. Nothing where it is not connected."""
    with db.tx("web", tenant=tenant) as tx:
        account: UUID | None = tx.value(
            "select id from source_account where tenant_id = %(tenant)s and source = %(source)s",
            {"tenant": tenant, "source": source},
        )
        admin = _administrator(tx)
        if account is None or admin is None:
            return
    with db.tx("web", tenant=tenant, user=admin.user_id) as tx:
        accounts.set_account(tx, account, accounts.Handling("auto", sign_in=True, stop_percent=20, stop_least=3))
    jobs.read(db, tenant, account)
    with db.tx("web", tenant=tenant, user=admin.user_id) as tx:
        shop: UUID | None = tx.value(
            "select id from org_unit where tenant_id = %(tenant)s and kind = 'store' and active order by code limit 1",
            {"tenant": tenant},
        )
        accounts.place_departments(tx, admin, account, [(SHOP_DEPARTMENT, shop)])
        for department, (role, scope) in HOLD.items():
            role_id: UUID = tx.value(
                "select id from staff_role where tenant_id = %(tenant)s and code = %(code)s",
                {"tenant": tenant, "code": role},
            )
            rules.add(
                tx, admin, account, rules.NewRule(department, None, leaders_only=False, role_id=role_id, scope=scope)
            )
        members, _ = accounts.list_members(tx, account, q=None, cursor=None, limit=100)
        for one in members:
            # Some play a part in the demo's story already: they are that person, as an administrator would say.
            if one.likely_id is not None:
                accounts.bind(tx, admin, account, one.member, one.likely_id)
        waiting, _ = people.list_changes(tx, account, waiting=True, cursor=None, limit=100)
    people.do(Access(db, admin, Scope.all(), "user.write"), [one.id for one in waiting])


def _administrator(tx: Tx) -> Identity | None:
    row = tx.cursor(
        """
        select u.id, u.login, u.name from staff_user as u where u.tenant_id = %(tenant)s and u.active and exists (
          select from role_assignment as a join staff_role as r on r.tenant_id = %(tenant)s and r.id = a.role_id
          where a.tenant_id = %(tenant)s and a.user_id = u.id and a.scope = 'all' and '*' = any(r.permissions)) order by u.created_at limit 1
        """,
        {"tenant": tx.tenant_id},
    ).fetchone()
    if row is None:
        return None
    return Identity(tx.tenant_id, row[0], row[1], row[2], "zh", tuple(staff.grants_of(tx, row[0])))
