"""Who is asking: read from a session cookie or an API key in one statement, before any tenant is known."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tandem.access.permissions import Grant, overlap, reach_of
from tandem.kernel.db import Scope

SESSION_IDLE = timedelta(hours=12)
SESSION_ABSOLUTE = timedelta(days=7)
KEY_PREFIX = "tk_"
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """A person or a program, signed in to one tenant.

    `session_id` or `api_key_id` says by which way. The grants of an API key are the part of its maker's that the key was given.
    """

    tenant_id: UUID
    user_id: UUID
    login: str
    name: str
    language: str
    grants: tuple[Grant, ...]
    session_id: UUID | None = None
    api_key_id: UUID | None = None

    def reach(self, permission: str) -> Scope | None:
        """How far this identity carries `permission`; None where it does not hold it."""
        return reach_of(self.grants, permission)

    def held(self) -> frozenset[str]:
        """Every permission held anywhere, wildcards unexpanded."""
        return frozenset(name for grant in self.grants for name in grant.permissions)


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """What the security-definer functions answer. `grants` is [{"permissions": [..], "scope": "..", "store_ids": [..]}]."""

    tenant_id: UUID
    user_id: UUID
    login: str
    name: str
    language: str
    grants: list[dict[str, Any]]
    way_id: UUID
    key_permissions: list[str] | None
    touched_at: datetime | None


def identity_of(row: IdentityRow, *, by_key: bool) -> Identity:
    """Turn the row of a session or key look-up into an identity."""
    grants = tuple(_grant(one, row.key_permissions if by_key else None) for one in row.grants)
    return Identity(
        tenant_id=row.tenant_id,
        user_id=row.user_id,
        login=row.login,
        name=row.name,
        language=row.language,
        grants=grants,
        session_id=None if by_key else row.way_id,
        api_key_id=row.way_id if by_key else None,
    )


def _grant(one: dict[str, Any], key_permissions: list[str] | None) -> Grant:
    held = frozenset[str](one["permissions"])
    given = held if key_permissions is None else overlap(held, key_permissions)
    return Grant(given, one["scope"], tuple(UUID(store) for store in one["store_ids"]))


def new_token() -> str:
    """A fresh session token (256 random bits, URL-safe text)."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_key() -> tuple[str, str]:
    """A fresh API key and the prefix that may be shown afterwards: ("tk_ab12cd34_...", "tk_ab12cd34")."""
    prefix = f"{KEY_PREFIX}{secrets.token_hex(4)}"
    return f"{prefix}_{secrets.token_urlsafe(_TOKEN_BYTES)}", prefix


def fingerprint(token: str) -> bytes:
    """What is stored of a token. Tokens are random, so one fast hash is enough; only passwords need a slow one."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(token: str) -> str:
    """The CSRF token of a session: derived from the cookie's token, so it needs no storing and dies with it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_fits(token: str, given: str) -> bool:
    """Compare in constant time; `given` comes from outside and may be anything."""
    return hmac.compare_digest(csrf_of(token).encode(), given.encode(errors="replace"))
