"""API keys: shown once, stored as a hash, never more powerful than their maker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.access import audit
from tandem.access.budget import BURST_DEFAULT, RATE_DEFAULT
from tandem.access.identity import Identity, fingerprint, new_key
from tandem.access.paging import from_cursor, to_cursor
from tandem.access.permissions import called, unknown
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """What may be shown of a key."""

    id: UUID
    name: str
    prefix: str
    permissions: list[str]
    rate_per_minute: int
    burst: int
    created_by: UUID
    created_by_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was just made: the only moment at which `key` can be read."""

    id: UUID
    key: str
    prefix: str


_KEY = """
select k.id, k.name, k.prefix, k.permissions, k.rate_per_minute, k.burst, k.created_by, u.name as created_by_name, k.created_at,
       k.expires_at, k.last_used_at, k.revoked_at
from api_key k join staff_user u on u.tenant_id = k.tenant_id and u.id = k.created_by
where k.tenant_id = %(tenant)s
"""


def list_keys(tx: Tx, *, cursor: str | None = None, limit: int = 50) -> tuple[list[ApiKeyRow], str | None]:
    """A page of keys: live ones first, newest first."""
    params: dict[str, object] = {"tenant": tx.tenant_id, "limit": limit + 1}
    after = ""
    if cursor is not None:
        revoked, params["id"] = from_cursor(cursor, 2)
        params["revoked"] = revoked == "True"
        after = "and (k.revoked_at is not null > %(revoked)s or k.revoked_at is not null = %(revoked)s and k.id < %(id)s::uuid)"
    rows = tx.all(ApiKeyRow, f"{_KEY} {after} order by k.revoked_at is not null, k.id desc limit %(limit)s", params)
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], to_cursor(last.revoked_at is not None, last.id)


def change_key(tx: Tx, key_id: UUID, *, name: str | None, rate_per_minute: int | None, burst: int | None) -> ApiKeyRow:
    """Change what is not None. What a key may do never changes: make another. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "id": key_id}
    row = tx.maybe(ApiKeyRow, f"{_KEY} and k.id = %(id)s", params)
    if row is None:
        raise NotFound("no_such_key", "没有这个密钥。", "There is no such key.")
    wanted = {"name": name, "rate_per_minute": rate_per_minute, "burst": burst}
    after = {field: getattr(row, field) if value is None else value for field, value in wanted.items()}
    old, new = audit.changes({field: getattr(row, field) for field in wanted}, after)
    if new:
        tx.execute(
            """
            update api_key set name = %(name)s, rate_per_minute = %(rate_per_minute)s, burst = %(burst)s
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            {**params, **after},
        )
        audit.record(tx, "api_key.changed", "api_key", key_id, old, new)
    return tx.one(ApiKeyRow, f"{_KEY} and k.id = %(id)s", params)


def add_key(
    tx: Tx,
    actor: Identity,
    *,
    name: str,
    permissions: Iterable[str],
    expires_at: datetime | None,
    known: Iterable[str],
    rate_per_minute: int = RATE_DEFAULT,
    burst: int = BURST_DEFAULT,
) -> NewApiKey:
    """Make a key. Raises InvalidInput (unknown permission, expiry in the past), Forbidden for a permission the actor lacks."""
    wanted = sorted(set(permissions))
    strange = unknown(wanted, known)
    if strange:
        raise InvalidInput(
            "unknown_permission",
            "有不认识的权限。",
            "Some permissions are not known.",
            details=tuple(Detail("permissions", f"不认识 {one}", f"{one} is not known") for one in strange),
        )
    if expires_at is not None and expires_at <= tx.machine_now:
        raise InvalidInput("expired", "有效期必须在将来。", "The expiry must lie in the future.")
    lacking = [one for one in wanted if actor.reach(one) is None]
    if lacking:
        raise Forbidden(
            "escalation",
            f"不能授予自己没有的权限：{called(lacking[0]).zh}。",
            f"You cannot grant what you do not hold: {called(lacking[0]).en}.",
        )
    key, prefix = new_key()
    key_id = new_id()
    tx.execute(
        """
        insert into api_key (id, tenant_id, name, prefix, key_hash, permissions, rate_per_minute, burst, created_by, created_at, expires_at)
        values (%(id)s, %(tenant)s, %(name)s, %(prefix)s, %(hash)s, %(permissions)s, %(rate)s, %(burst)s, %(user)s, now(), %(expires)s)
        """,
        {
            "id": key_id,
            "tenant": tx.tenant_id,
            "name": name,
            "prefix": prefix,
            "hash": fingerprint(key),
            "permissions": wanted,
            "rate": rate_per_minute,
            "burst": burst,
            "user": actor.user_id,
            "expires": expires_at,
        },
    )
    after = {"name": name, "prefix": prefix, "permissions": wanted, "expires_at": expires_at}
    audit.record(tx, "api_key.created", "api_key", key_id, None, after)
    return NewApiKey(key_id, key, prefix)


def revoke_key(tx: Tx, key_id: UUID) -> None:
    """Stop a key for good; a second time changes nothing. Raises NotFound."""
    name: str | None = tx.value(
        "select name from api_key where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": key_id},
    )
    if name is None:
        raise NotFound("no_such_key", "没有这个密钥。", "There is no such key.")
    revoked = tx.execute(
        "update api_key set revoked_at = now() where tenant_id = %(tenant)s and id = %(id)s and revoked_at is null",
        {"tenant": tx.tenant_id, "id": key_id},
    )
    if revoked:
        audit.record(tx, "api_key.revoked", "api_key", key_id, {"name": name}, None)
