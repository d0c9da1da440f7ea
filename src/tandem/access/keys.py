"""API keys: shown once, stored as a hash, never more powerful than their maker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.access import audit
from tandem.access.identity import Identity, fingerprint, new_key
from tandem.access.permissions import unknown
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


def list_keys(tx: Tx) -> list[ApiKeyRow]:
    """Live keys first, newest first, at most 500."""
    return tx.all(
        ApiKeyRow,
        """
        select k.id, k.name, k.prefix, k.permissions, k.created_by, u.name as created_by_name, k.created_at, k.expires_at,
               k.last_used_at, k.revoked_at
        from api_key k join staff_user u on u.tenant_id = k.tenant_id and u.id = k.created_by
        where k.tenant_id = %(tenant)s order by k.revoked_at is not null, k.id desc limit 500
        """,
        {"tenant": tx.tenant_id},
    )


def add_key(
    tx: Tx,
    actor: Identity,
    *,
    name: str,
    permissions: Iterable[str],
    expires_at: datetime | None,
    known: Iterable[str],
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
            f"不能授予自己没有的权限：{lacking[0]}。",
            f"You cannot grant what you do not hold: {lacking[0]}.",
        )
    key, prefix = new_key()
    key_id = new_id()
    tx.execute(
        """
        insert into api_key (id, tenant_id, name, prefix, key_hash, permissions, created_by, created_at, expires_at)
        values (%(id)s, %(tenant)s, %(name)s, %(prefix)s, %(hash)s, %(permissions)s, %(user)s, now(), %(expires)s)
        """,
        {
            "id": key_id,
            "tenant": tx.tenant_id,
            "name": name,
            "prefix": prefix,
            "hash": fingerprint(key),
            "permissions": wanted,
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
