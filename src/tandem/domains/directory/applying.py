"""Doing one change: an account is made, roles given and taken back, access ended. What was written down is looked at again first."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.access import audit, ending, staff
from tandem.access.identity import Identity
from tandem.access.service import add_assignment, create_user
from tandem.domains.directory import knowing
from tandem.domains.directory.deciding import Change, Holding
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce


@dataclass(frozen=True, slots=True)
class Filed:
    """A change that waits."""

    id: UUID
    account_id: UUID
    member: str
    name: str
    what: str
    user_id: UUID | None
    after: list[Any]
    state: str
    why: str


_FILED: Final = """
select id, account_id, member, name, what, user_id, after, state, why from directory_change where tenant_id = %(tenant)s and id = %(id)s for update
"""


def apply(tx: Tx, change_id: UUID, actor: Identity | None = None) -> UUID | None:
    """Do a change; returns whom it was about. `actor` None: rules do it by themselves, and then nothing that waits for a word is done.

    Raises NotFound, Conflict (decided already, or no longer what was written down), Forbidden (the person outranks the actor).
    """
    staff.lock_staff(tx)
    filed = tx.maybe(Filed, _FILED, {"tenant": tx.tenant_id, "id": change_id})
    if filed is None:
        raise NotFound("no_such_change", "没有这项变动。", "There is no such change.")
    if filed.state not in {"open", "held"} or (actor is None and filed.state == "held"):
        raise Conflict("change_over", "这项变动已经处理过。", "This change has been decided already.")
    due = next(iter(knowing.changes(tx, filed.account_id, [filed.member])), None)
    if due is None or due.what != filed.what or due.after != knowing.held(filed.after):
        raise Conflict("change_stale", "情况已有变化，请刷新后再看。", "Things have changed since; look again.")
    if actor is not None and due.user_id is not None and due.what != "leave":
        staff.changeable(tx, actor, due.user_id)
    if actor is not None:
        # A role that can give rights is handed on only by somebody who may give it herself; to oneself one hands no other either.
        knowing.refuse_beyond(tx, actor.grants, [due], strong_only=due.user_id != actor.user_id)
    user_id = _done(tx, filed, due, actor)
    tx.execute(
        """
        update directory_change set state = 'done', done_at = now(), user_id = %(user)s, decided_by = %(by)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": change_id, "user": user_id, "by": None if actor is None else actor.user_id},
    )
    announce(tx, "directory")
    return user_id


def _done(tx: Tx, filed: Filed, due: Change, actor: Identity | None) -> UUID:
    if due.what == "leave":
        user = _known(due)
        leave(tx, filed.account_id, user)
        return user
    if due.what == "join":
        user = _make(tx, filed)
    else:
        user = _known(due)
        tx.execute(
            "update staff_user set active = true where tenant_id = %(tenant)s and id = %(user)s",
            {"tenant": tx.tenant_id, "user": user},
        )
    _give(tx, filed.account_id, user, due)
    if actor is not None:
        tx.execute(
            "update directory_member set unlooked = false where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s",
            {"tenant": tx.tenant_id, "account": filed.account_id, "member": filed.member},
        )
    staff.require_admin(tx)
    told = {"member": filed.member, "what": due.what, "roles": knowing.stored(due.after)}
    audit.record(tx, "user.from_directory", "staff_user", user, {"roles": knowing.stored(due.before)}, told)
    return user


def _known(due: Change) -> UUID:
    if due.user_id is None:
        raise Conflict("change_stale", "情况已有变化，请刷新后再看。", "Things have changed since; look again.")
    return due.user_id


def _make(tx: Tx, filed: Filed) -> UUID:
    """An account without a password: its person signs in by the directory alone."""
    code: str = tx.value("select code from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    login = f"{filed.member}@{code}.directory"[:180]
    taken = tx.value("select 1 from staff_user where tenant_id = %(tenant)s and lower(login) = lower(%(login)s)", {"tenant": tx.tenant_id, "login": login})  # fmt: skip
    if taken:
        login = f"{login}.{secrets.token_hex(3)}"
    user = create_user(tx, login=login, name=filed.name[:100], password=None)
    tx.execute(
        """
        update directory_member set user_id = %(user)s, made_here = true, likely_id = null, likely_by = null
        where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s
        """,
        {"tenant": tx.tenant_id, "account": filed.account_id, "member": filed.member, "user": user},
    )
    return user


def _give(tx: Tx, account: UUID, user: UUID, due: Change) -> None:
    """Bring roles to what they are to be, and note which of them rules gave."""
    take_back(tx, user, due.before - due.after)
    for one in due.after - due.before:
        add_assignment(tx, user, one.role_id, one.scope, one.org_unit_id)
        tx.execute(
            """
            insert into directory_grant (id, tenant_id, account_id, user_id, role_id, scope, org_unit_id)
            values (%(id)s, %(tenant)s, %(account)s, %(user)s, %(role)s, %(scope)s, %(unit)s) on conflict do nothing
            """,
            _row(tx, user, one) | {"id": new_id(), "account": account},
        )


def take_back(tx: Tx, user: UUID, holdings: Iterable[Holding]) -> None:
    """Roles that rules gave are no longer held."""
    for one in holdings:
        for table in ("role_assignment", "directory_grant"):
            tx.execute(
                f"delete from {table} where tenant_id = %(tenant)s and user_id = %(user)s and role_id = %(role)s and scope = %(scope)s"
                " and org_unit_id is not distinct from %(unit)s",
                _row(tx, user, one),
            )


def _row(tx: Tx, user: UUID, one: Holding) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "user": user, "role": one.role_id, "scope": one.scope, "unit": one.org_unit_id}


def leave(tx: Tx, account: UUID, user: UUID) -> None:
    """Every way in is shut in this transaction: sessions, keys, the directory's sign-in, the sidebar's. Rules' roles are taken back."""
    params = {"tenant": tx.tenant_id, "account": account, "user": user}
    if not ending.end_access(tx, user, "left_directory"):
        # The last administrator stays one for the command line; nobody signs in as her by the directory again.
        tx.execute(
            "update directory_member set user_id = null where tenant_id = %(tenant)s and account_id = %(account)s and user_id = %(user)s",
            params,
        )
    rows = tx.cursor(
        "select role_id, scope, org_unit_id from directory_grant where tenant_id = %(tenant)s and user_id = %(user)s",
        params,
    ).fetchall()
    take_back(tx, user, knowing.held(rows))
    # Whom the private domain calls this colleague signs in beside the chat as her: not any more.
    tx.execute("delete from adviser_binding where tenant_id = %(tenant)s and user_id = %(user)s", params)
    # Who may have customers is read anew at once, so that hers are offered for a hand-over.
    tx.execute(
        "update contact_account set advisers_due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s",
        params,
    )
