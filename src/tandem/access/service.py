"""Making tenants and people: what the command line, the demo and the settings screens build on."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import available_timezones

from tandem.access.builtin_roles import BUILT_IN_ROLES
from tandem.access.passwords import NO_PASSWORD, hash_password
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Connection, Tx, begin
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id

LANGUAGES = ("zh", "en")


def create_tenant(
    connection: Connection,
    master: MasterKey,
    *,
    code: str,
    name: str,
    zone: str = "Asia/Shanghai",
    currency: str = "CNY",
    language: str = "zh",
    demo: bool = False,
) -> UUID:
    """Make a tenant with its key, its brand and the built-in roles; returns its id.

    `connection` is the owner's: no application role may make a tenant. The caller commits.
    Raises InvalidInput for an unknown zone or language, Conflict when the code is taken.
    """
    _known("zone", zone, available_timezones())
    _known("language", language, LANGUAGES)
    tenant_id = new_id()
    made = connection.execute(
        "insert into tenant (id, code, name, zone, currency, language, demo, key_enc) values (%s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (code) do nothing",
        (tenant_id, code, name, zone, currency, language, demo, master.new_tenant_key()),
    ).rowcount
    if not made:
        raise Conflict("tenant_exists", f"企业代码 {code} 已存在。", f"There already is a tenant with the code {code}.")
    tx = begin(connection, tenant=tenant_id)
    create_org_unit(tx, kind="brand", code=code, name=name, parent_id=None)
    seed_roles(tx)
    return tenant_id


def seed_roles(tx: Tx) -> None:
    """Give the tenant the built-in roles it lacks and bring those it has up to date. Safe to repeat after an upgrade."""
    for role in BUILT_IN_ROLES:
        tx.execute(
            """
            insert into staff_role (id, tenant_id, code, name, built_in, permissions)
            values (%(id)s, %(tenant)s, %(code)s, %(name)s, true, %(permissions)s)
            on conflict (tenant_id, code) do update set permissions = excluded.permissions
            where staff_role.built_in
            """,
            {
                "id": new_id(),
                "tenant": tx.tenant_id,
                "code": role.code,
                "name": role.zh,
                "permissions": list(role.permissions),
            },
        )


def create_org_unit(tx: Tx, *, kind: str, code: str, name: str, parent_id: UUID | None) -> UUID:
    """Add a brand, region or store to the tree; returns its id.

    Raises InvalidInput when the parent is not of the kind above, Conflict when the kind already has this code.
    """
    check_parent(tx, kind, parent_id)
    unit_id = new_id()
    made = tx.execute(
        """
        insert into org_unit (id, tenant_id, parent_id, kind, code, name)
        values (%(id)s, %(tenant)s, %(parent)s, %(kind)s, %(code)s, %(name)s)
        on conflict (tenant_id, kind, code) do nothing
        """,
        {"id": unit_id, "tenant": tx.tenant_id, "parent": parent_id, "kind": kind, "code": code, "name": name},
    )
    if not made:
        raise Conflict("code_taken", f"编码 {code} 已被使用。", f"The code {code} is already in use.")
    return unit_id


def check_parent(tx: Tx, kind: str, parent_id: UUID | None) -> None:
    """A region hangs from a brand, a store from a region, a brand from nothing. Raises InvalidInput otherwise."""
    wanted = {"brand": None, "region": "brand", "store": "region"}[kind]
    found: str | None = tx.value(
        "select kind from org_unit where tenant_id = %(tenant)s and id = %(parent)s",
        {"tenant": tx.tenant_id, "parent": parent_id},
    )
    if found == wanted and (wanted is not None or parent_id is None):
        return
    raise InvalidInput(
        "wrong_parent",
        "组织层级必须是 品牌 > 区域 > 门店。",
        "The organisation is brand > region > store.",
        details=(
            Detail(
                "parent_id", f"{kind} 的上级应为 {wanted or '空'}", f"the parent of a {kind} is {wanted or 'nothing'}"
            ),
        ),
    )


def create_user(tx: Tx, *, login: str, name: str, password: str | None, language: str | None = None) -> UUID:
    """Add a person without any role; returns their id. `password` None: they sign in by the company's directory alone.

    Raises InvalidInput for a password or language we do not take, Conflict when the log-in name is taken (in any tenant).
    """
    if language is not None:
        _known("language", language, LANGUAGES)
    user_id = new_id()
    made = tx.execute(
        """
        insert into staff_user (id, tenant_id, login, name, password_hash, language)
        values (%(id)s, %(tenant)s, %(login)s, %(name)s, %(hash)s, %(language)s)
        on conflict (lower(login)) do nothing
        """,
        {
            "id": user_id,
            "tenant": tx.tenant_id,
            "login": login,
            "name": name,
            "hash": NO_PASSWORD if password is None else hash_password(password),
            "language": language,
        },
    )
    if not made:
        raise Conflict("login_taken", f"登录名 {login} 已被使用。", f"The log-in name {login} is already in use.")
    return user_id


def assign_role(tx: Tx, user_id: UUID, role_code: str, *, scope: str = "all", org_unit_id: UUID | None = None) -> None:
    """Let a person hold a role within a scope; `org_unit_id` is the region or store where the scope is one.

    Does not ask who assigns: that is the settings screen's duty (`staff.set_assignments`). Raises NotFound for an unknown role.
    """
    role_id: UUID | None = tx.value(
        "select id from staff_role where tenant_id = %(tenant)s and code = %(code)s",
        {"tenant": tx.tenant_id, "code": role_code},
    )
    if role_id is None:
        raise NotFound("no_such_role", f"没有角色 {role_code}。", f"There is no role {role_code}.")
    add_assignment(tx, user_id, role_id, scope, org_unit_id)


def add_assignment(tx: Tx, user_id: UUID, role_id: UUID, scope: str, org_unit_id: UUID | None) -> None:
    """Store one assignment; the same one twice stays one."""
    tx.execute(
        """
        insert into role_assignment (id, tenant_id, user_id, role_id, scope, org_unit_id)
        values (%(id)s, %(tenant)s, %(user)s, %(role)s, %(scope)s, %(unit)s)
        on conflict do nothing
        """,
        {
            "id": new_id(),
            "tenant": tx.tenant_id,
            "user": user_id,
            "role": role_id,
            "scope": scope,
            "unit": org_unit_id,
        },
    )


def _known(where: str, value: str, choices: set[str] | tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidInput(
            f"unknown_{where}",
            f"不认识 {value}。",
            f"{value} is not known here.",
            details=(Detail(where, f"不认识 {value}", f"{value} is not known"),),
        )
