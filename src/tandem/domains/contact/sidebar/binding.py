"""Who an adviser is here, and where the sidebar may stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.access import audit, sessions, staff
from tandem.access.identity import Identity
from tandem.domains.contact.gateway import connectors
from tandem.domains.directory.service import refuse_member
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.stream.sources.accounts import register_way_in


@dataclass(frozen=True, slots=True)
class BindingRow:
    """An adviser and the colleague she is."""

    account_id: UUID
    member: str
    adviser: str
    user_id: UUID
    user_name: str


_BINDING: Final = """
select b.account_id, b.member, coalesce(a.name, b.member) as adviser, b.user_id, u.name as user_name
from adviser_binding as b
join staff_user as u on u.tenant_id = %(tenant)s and u.id = b.user_id
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = b.account_id and a.member = b.member
where b.tenant_id = %(tenant)s
"""


def list_bindings(tx: Tx) -> list[BindingRow]:
    """Who is who, by adviser."""
    return tx.all(BindingRow, f"{_BINDING} order by 3, b.member limit 5000", {"tenant": tx.tenant_id})


def bind(tx: Tx, actor: Identity, account_id: UUID, member: str, user_id: UUID) -> None:
    """Say that an adviser is a colleague: she signs in as that person, and whoever she was before is signed out.

    Raises NotFound, Forbidden (either person outranks the actor, or the directory's rules give the member more than the actor may give),
    InvalidInput (disabled), Conflict (another adviser already).
    """
    check_account(tx, account_id)
    if not staff.changeable(tx, actor, user_id).active:
        detail = Detail("user_id", "请选择启用的同事", "choose somebody who is active")
        raise InvalidInput("user_disabled", "这位同事已停用。", "This colleague is disabled.", details=(detail,))
    params = {"tenant": tx.tenant_id, "account": account_id, "member": member, "user": user_id}
    known = "select 1 from adviser where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s"
    if tx.value(known, params) is None:
        raise NotFound("no_such_adviser", "企业微信里没有这位员工。", "WeCom knows no such adviser.")
    # Who is an adviser here is the same member in the company's directory, where departments give roles.
    refuse_member(tx, actor.grants, account_id, member)
    before = user_of(tx, account_id, member)
    if before is not None and before != user_id:
        _sign_out(tx, actor, before)
    taken = tx.value(
        """
        select member from adviser_binding
        where tenant_id = %(tenant)s and account_id = %(account)s and user_id = %(user)s and member <> %(member)s
        """,
        params,
    )
    if taken is not None:
        raise Conflict("user_bound", "这位同事已绑定另一个企业微信账号。", "This colleague is another adviser already.")
    tx.execute(
        """
        insert into adviser_binding as b (tenant_id, account_id, member, user_id, bound_at)
        values (%(tenant)s, %(account)s, %(member)s, %(user)s, now())
        on conflict (tenant_id, account_id, member) do update set user_id = excluded.user_id, bound_at = excluded.bound_at
        """,
        params,
    )
    was = None if before is None else {"member": member, "user_id": before}
    audit.record(tx, "adviser_binding.made", "staff_user", user_id, was, {"member": member})


def unbind(tx: Tx, actor: Identity, account_id: UUID, member: str) -> None:
    """An adviser signs in as nobody any more, and whoever she was is signed out.

    Raises NotFound, Forbidden (the person outranks the actor).
    """
    staff.lock_staff(tx)
    gone = user_of(tx, account_id, member)
    if gone is None:
        raise NotFound("no_such_binding", "没有这个绑定。", "There is no such binding.")
    _sign_out(tx, actor, gone)
    tx.execute(
        "delete from adviser_binding where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s",
        {"tenant": tx.tenant_id, "account": account_id, "member": member},
    )
    audit.record(tx, "adviser_binding.removed", "staff_user", gone, {"member": member}, None)


def _sign_out(tx: Tx, actor: Identity, user_id: UUID) -> None:
    """End the sessions that a binding may have opened; which of a person's these are nobody noted. Raises NotFound, Forbidden."""
    staff.changeable(tx, actor, user_id)
    sessions.end_sessions(tx, user_id, but=actor.session_id)


def sign_out_away(tx: Tx, account_id: UUID, members: Sequence[str]) -> None:
    """End the sessions of those colleagues among an account's members who are away: the platform let them in, and would no more."""
    users = tx.values(
        """
        select b.user_id from adviser_binding as b
        join adviser as a on a.tenant_id = %(tenant)s and a.account_id = b.account_id and a.member = b.member and a.status = 'away'
        where b.tenant_id = %(tenant)s and b.account_id = %(account)s and b.member = any(%(members)s::text[])
        """,
        {"tenant": tx.tenant_id, "account": account_id, "members": list(members)},
    )
    for user_id in users:
        sessions.end_sessions(tx, user_id)


def members_of(tx: Tx, user_id: UUID) -> list[tuple[UUID, str, str]]:
    """Whom a colleague is: account, source, member."""
    return tx.cursor(
        """
        select b.account_id, a.source, b.member from adviser_binding as b
        join source_account as a on a.tenant_id = %(tenant)s and a.id = b.account_id and a.status = 'active'
        where b.tenant_id = %(tenant)s and b.user_id = %(user)s order by b.member
        """,
        {"tenant": tx.tenant_id, "user": user_id},
    ).fetchall()  # pyright: ignore[reportReturnType]


def user_of(tx: Tx, account_id: UUID, member: str) -> UUID | None:
    """The colleague whom a member of the platform's corporation is, or None."""
    return tx.value(
        "select user_id from adviser_binding where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s",
        {"tenant": tx.tenant_id, "account": account_id, "member": member},
    )


def signs_in_as(tx: Tx, account_id: UUID, member: str) -> UUID | None:
    """The colleague as whom a member may come in beside the chat: nobody, while the directory has her gone or barred from work.

    A platform may give a leaver's id to a newcomer before anybody here has confirmed that she left.
    """
    return tx.value(
        """
        select b.user_id from adviser_binding as b where b.tenant_id = %(tenant)s and b.account_id = %(account)s and b.member = %(member)s
          and not exists (select from directory_member as m where m.tenant_id = %(tenant)s and m.account_id = %(account)s
            and m.member = %(member)s and m.state <> 'active')
        """,
        {"tenant": tx.tenant_id, "account": account_id, "member": member},
    )


def way_in(tx: Tx, account_id: UUID) -> list[str]:
    """What those may do who sign in beside the chat by this account."""
    return tx.values(
        """
        select distinct unnest(r.permissions) from adviser_binding as b
        join staff_user as u on u.tenant_id = %(tenant)s and u.id = b.user_id and u.active
        join role_assignment as a on a.tenant_id = %(tenant)s and a.user_id = b.user_id
        join staff_role as r on r.tenant_id = %(tenant)s and r.id = a.role_id
        where b.tenant_id = %(tenant)s and b.account_id = %(account)s
        """,
        {"tenant": tx.tenant_id, "account": account_id},
    )


register_way_in(way_in)


def hosts(tx: Tx, account_id: UUID) -> list[str]:
    """The hosts at which an account's sidebar may stand."""
    found: list[str] | None = tx.value(
        "select trusted_hosts from sidebar_setting where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account_id},
    )
    return found or []


def set_hosts(tx: Tx, account_id: UUID, trusted: list[str]) -> None:
    """Say where the sidebar may stand. Raises NotFound."""
    check_account(tx, account_id)
    before = hosts(tx, account_id)
    tx.execute(
        """
        insert into sidebar_setting (tenant_id, account_id, trusted_hosts) values (%(tenant)s, %(account)s, %(hosts)s::text[])
        on conflict (tenant_id, account_id) do update set trusted_hosts = excluded.trusted_hosts
        """,
        {"tenant": tx.tenant_id, "account": account_id, "hosts": trusted},
    )
    audit.record(tx, "sidebar_setting.changed", "source_account", account_id, {"hosts": before}, {"hosts": trusted})


def check_account(tx: Tx, account_id: UUID) -> None:
    """Raises NotFound for what is no account with friends."""
    known = "select 1 from source_account where tenant_id = %(tenant)s and id = %(id)s and connector = any(%(connectors)s::text[])"
    if tx.value(known, {"tenant": tx.tenant_id, "id": account_id, "connectors": connectors()}) is None:
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
